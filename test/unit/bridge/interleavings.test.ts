import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHarness, type Harness } from '../../helpers/bridge-harness.ts';

/** What may happen to one conversation, in any order. */
type Step =
  | { do: 'buyer'; swap: boolean }
  | { do: 'repeat'; which: number }
  | { do: 'wait'; ms: number }
  | { do: 'trouble'; kind: 'lost-answer' | 'lost-send' | 'throw' | 'retry' | 'slow' }
  | { do: 'crash' }
  | { do: 'staff' }
  | { do: 'human' }
  | { do: 'agent-says' }
  | { do: 'agent-closes' };

const ordinary: fc.Arbitrary<Step>[] = [
  fc.record({ do: fc.constant('buyer' as const), swap: fc.boolean() }),
  fc.record({ do: fc.constant('buyer' as const), swap: fc.boolean() }),
  fc.record({ do: fc.constant('repeat' as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(50, 900, 1_300, 4_000, 9_000) }),
  fc.record({
    do: fc.constant('trouble' as const),
    kind: fc.constantFrom('lost-answer', 'lost-send', 'throw', 'retry', 'slow'),
  }),
  fc.record({ do: fc.constant('crash' as const) }),
];
const people: fc.Arbitrary<Step>[] = [
  fc.record({ do: fc.constant('staff' as const) }),
  fc.record({ do: fc.constant('human' as const) }),
  fc.record({ do: fc.constant('agent-says' as const) }),
  fc.record({ do: fc.constant('agent-closes' as const) }),
];

interface Played {
  harness: Harness;
  /** Texts of the buyer in platform order. */
  said: string[];
  agentSaid: string[];
  botLinesOutsideBot: number;
}

async function play(steps: Step[], greeted = false): Promise<Played> {
  const harness = await createHarness();
  const said: string[] = [];
  const agentSaid: string[] = [];
  const sentIds: { id: string; text: string; index: string }[] = [];
  let botLinesOutsideBot = 0;
  let slow = 0;
  let serial = 0;
  // In the queue the answer of the very turn that asked for a person may still leave; once a person speaks, nothing of the bot's may.
  harness.platform.during = async (send) => {
    if (
      send.part.type === 'text' &&
      send.part.text.startsWith('re:') &&
      (send.conversation.owner === 'agent' || send.conversation.owner === 'closed')
    )
      botLinesOutsideBot += 1;
    if (slow > 0) {
      slow -= 1;
      await new Promise<void>((resolve) => harness.clock.schedule(3_000, resolve));
    }
  };
  const buyer = async (text: string, index: number) => {
    const line = { id: `b-${index}`, text, index: String(index) };
    sentIds.push(line);
    await harness.buyer(line.text, { id: line.id, index: line.index });
  };
  // Udesk only knows buyers who have written.
  if (greeted) await harness.buyer('hello', { id: 'greeting', index: '0' });
  for (const step of steps) {
    switch (step.do) {
      case 'buyer': {
        serial += 2;
        const [first, second] = [serial - 1, serial];
        said.push(`t${first}.`);
        // Two lines whose deliveries arrive swapped: inside the window that must not show.
        if (step.swap) {
          said.push(`t${second}.`);
          await buyer(`t${second}.`, second);
        }
        await buyer(`t${first}.`, first);
        break;
      }
      case 'repeat': {
        const line = sentIds[step.which % Math.max(1, sentIds.length)];
        if (line !== undefined) await harness.buyer(line.text, { id: line.id, index: line.index });
        break;
      }
      case 'wait':
        await harness.settle(step.ms);
        break;
      case 'trouble':
        if (step.kind === 'slow') slow += 1;
        else
          harness.platform.script.push(
            step.kind === 'retry'
              ? { kind: 'refused', next: 'retry', code: '429', reason: 'too many', retryAfterMs: 2_500 }
              : step.kind,
          );
        break;
      case 'crash':
        await harness.crash();
        break;
      case 'staff':
        await harness.staff('from the seller app');
        break;
      case 'human':
        serial += 2;
        await buyer('human', serial);
        break;
      case 'agent-says':
        agentSaid.push(`a${agentSaid.length}`);
        await harness.push({
          kind: 'desk.message',
          sessionId: '900',
          messageId: `a${agentSaid.length}`,
          parts: [{ type: 'text', text: `a${agentSaid.length - 1}` }],
        });
        break;
      case 'agent-closes':
        await harness.push({ kind: 'desk.closed', sessionId: '900', how: 'normal' });
        break;
    }
  }
  await harness.settle(120_000);
  return { harness, said, agentSaid, botLinesOutsideBot };
}

const refsOf = (harness: Harness) => harness.platform.lines.map((line) => line.ref);

describe('random interleavings', () => {
  it('duplicates, swaps, lost answers, slow sends and crashes: every message is answered once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(...ordinary), { minLength: 1, maxLength: 14 }), async (steps) => {
        const { harness, said } = await play(steps);
        try {
          const answered = harness.platform.lines.flatMap((line) => line.text.replace('re: ', '').split('\n'));
          expect(answered).toEqual(said);
          expect(new Set(refsOf(harness)).size).toBe(harness.platform.lines.length);
          const counts = await harness.store.counts();
          expect([counts.inboxPending, counts.outboxPending.buyer]).toEqual([0, 0]);
        } finally {
          await harness.stop();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('with takeovers, agents and closes: no bot word under an old epoch, no agent word lost, nothing doubled, nothing stuck', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(...ordinary, ...people), { minLength: 1, maxLength: 16 }), async (steps) => {
        const { harness, agentSaid, botLinesOutsideBot } = await play(steps, true);
        try {
          expect(botLinesOutsideBot).toBe(0);
          const refs = refsOf(harness);
          expect(new Set(refs).size).toBe(refs.length);
          const heard = harness.platform.lines.map((line) => line.text).filter((text) => /^a\d+$/u.test(text));
          expect(heard).toEqual(agentSaid);
          const ids = harness.desk.sent.map((line) => line.messageId);
          expect(new Set(ids).size).toBe(ids.length);
          const counts = await harness.store.counts();
          expect([counts.inboxPending, counts.outboxPending.buyer, counts.outboxPending.desk]).toEqual([0, 0, 0]);
        } finally {
          await harness.stop();
        }
      }),
      { numRuns: 80 },
    );
  });
});
