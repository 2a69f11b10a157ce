import { describe, expect, it } from 'vitest';
import { conversationIdOf } from '../../../../src/contracts/conversation.ts';
import { silentLogger } from '../../../../src/contracts/logger.ts';
import { noMetrics } from '../../../../src/contracts/metrics.ts';
import { createHttpServer } from '../../../../src/http/http-server.ts';
import { conversationOf, createHarness } from './builders.ts';
import { openChat, startOfflineDirectLine } from './direct-line.ts';

describe('a Direct Line client', () => {
  it('is heard and answered over the standard protocol', async () => {
    /** Answers every line by itself, as the bridge would after a turn. */
    const harness = createHarness({
      async ingest({ events }) {
        for (const { target, body } of events) {
          if (body.kind !== 'buyer.message' || body.message.part.type !== 'text' || target.by !== 'conversation')
            continue;
          const conversation = conversationOf({
            id: conversationIdOf(target.ref),
            ...target.ref,
            buyerId: target.buyer?.id ?? null,
          });
          const text = `You said:\n1. ${body.message.part.text}`;
          const outcome = await harness.channel.send({
            conversation,
            part: { type: 'text', text },
            ref: body.message.id,
          });
          expect(outcome.kind).toBe('accepted');
        }
      },
    });
    const server = createHttpServer({
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes: 1_048_576,
      routes: harness.channel.routes ?? [],
      logger: silentLogger,
      metrics: noMetrics,
      clock: harness.clock,
    });
    const { url } = await server.listen();
    const line = await startOfflineDirectLine(`${url}/api/messages`);
    const chat = openChat(line, { id: 'visitor-1', name: 'Ada' });
    try {
      await chat.say('hi');
      expect(await chat.heard(1)).toEqual(['You said:\n1. hi']);
      await chat.say('你好 👋');
      expect(await chat.heard(2)).toEqual(['You said:\n1. hi', 'You said:\n1. 你好 👋']);
    } finally {
      chat.end();
      await line.stop();
      await server.stop(1_000);
    }
  });
});
