import type { TimelineEntry } from '../contracts/store.ts';
import type { BridgeView } from './demo-view.ts';
import { tellStory } from './demo-words.ts';

export interface StoryRef {
  channel: string;
  shopId: string;
  externalId: string;
}

/** What the demo reads of the bridge. `timeline`: oldest first, of `seq` greater than `after`. `conversation`: `null` when it is not known. */
export interface DemoStory {
  timeline(conversation: StoryRef, after?: number): Promise<TimelineEntry[]>;
  conversation(
    conversation: StoryRef,
  ): Promise<{ owner: string; epoch: number; language: string | null; episode: number } | null>;
  onChange(listener: () => void): () => void;
}

const KEPT_ENTRIES = 300;
const FINAL = new Set(['handled', 'recorded', 'committed', 'noted', 'sent', 'dropped']);

interface Known {
  entries: Map<number, TimelineEntry>;
  view: BridgeView;
}

export interface StoryReader {
  /** Never rejects: when the story cannot be read, the last view comes back with `stale`. */
  read(ref: StoryRef): Promise<BridgeView>;
}

/** Reads only what may have changed: everything behind the last entry, and from the first one that was not final. */
export function createStoryReader(story: DemoStory): StoryReader {
  const conversations = new Map<string, Known>();
  return {
    async read(ref) {
      const known = conversations.get(ref.externalId) ?? { entries: new Map(), view: emptyView(ref.externalId) };
      try {
        const [state, fresh] = await Promise.all([
          story.conversation(ref),
          story.timeline(ref, settledUntil(known.entries)),
        ]);
        for (const entry of fresh) known.entries.set(entry.seq, entry);
        const entries = [...known.entries.values()].sort((a, b) => a.seq - b.seq).slice(-KEPT_ENTRIES);
        const view: BridgeView = {
          conversationId: ref.externalId,
          owner: state?.owner ?? null,
          epoch: state?.epoch ?? 0,
          episode: state?.episode ?? 0,
          language: state?.language ?? null,
          entries: tellStory(entries),
        };
        conversations.set(ref.externalId, { entries: new Map(entries.map((entry) => [entry.seq, entry])), view });
        return view;
      } catch {
        return { ...known.view, stale: true };
      }
    },
  };
}

const emptyView = (conversationId: string): BridgeView => ({
  conversationId,
  owner: null,
  epoch: 0,
  episode: 0,
  language: null,
  entries: [],
});

function settledUntil(entries: ReadonlyMap<number, TimelineEntry>): number | undefined {
  let last: number | undefined;
  let open: number | undefined;
  for (const { seq, status } of entries.values()) {
    if (last === undefined || seq > last) last = seq;
    if (!FINAL.has(status) && (open === undefined || seq < open)) open = seq;
  }
  return open === undefined ? last : open - 1;
}
