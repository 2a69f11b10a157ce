import type { PlatformReport } from './protocol.ts';

/** What a fast platform remembers of the replies it was sent: enough to prove that none is missing, doubled or out of order. */
export interface ReplyLedger {
  /** `content` is the JSON string of a send-message call, `{"content":"You said 12"}`. Answers the sequence it ends with. */
  note(conversationId: string, content: string): number | null;
  report(): PlatformReport;
  reset(): void;
}

export function createReplyLedger(): ReplyLedger {
  const last = new Map<string, number>();
  let counts = { replies: 0, outOfOrder: 0, doubled: 0, unreadable: 0 };
  return {
    note(conversationId, content) {
      const digits = /(\d+)\D*$/.exec(content)?.[1];
      if (digits === undefined) {
        counts.unreadable += 1;
        return null;
      }
      const sequence = Number(digits);
      const previous = last.get(conversationId) ?? 0;
      counts.replies += 1;
      if (sequence <= previous) counts.doubled += 1;
      else if (sequence !== previous + 1) counts.outOfOrder += 1;
      last.set(conversationId, Math.max(previous, sequence));
      return sequence;
    },
    report: () => ({ ...counts, conversations: last.size }),
    reset() {
      last.clear();
      counts = { replies: 0, outOfOrder: 0, doubled: 0, unreadable: 0 };
    },
  };
}
