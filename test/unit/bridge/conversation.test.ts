import { afterEach, describe, expect, it } from 'vitest';
import type { Survey } from '../../../src/contracts/conversation.ts';
import { conversationIdOf } from '../../../src/contracts/conversation.ts';
import { createHarness, type Harness, REF } from '../../helpers/bridge-harness.ts';

let harness: Harness;
const start = async (...given: Parameters<typeof createHarness>) => {
  harness = await createHarness(...given);
  return harness;
};
afterEach(() => harness.stop());

const texts = () => harness.platform.lines.map((line) => line.text);
const SURVEY: Survey = {
  enabled: true,
  afterSession: true,
  title: 'How was it?',
  options: [
    { id: '36', text: 'Good', remark: 'hide' },
    { id: '37', text: 'Bad', remark: 'required' },
  ],
};

describe('a bot turn', () => {
  it('answers one message once', async () => {
    const h = await start();
    await h.buyer('hello there');
    await h.settle();
    expect(texts()).toEqual(['re: hello there']);
  });

  it('answers a burst inside the window as one, and not before the window ends', async () => {
    const h = await start();
    await h.buyer('one');
    await h.settle(1_000);
    await h.buyer('two');
    await h.settle(1_000);
    expect(texts()).toEqual([]);
    await h.settle(400);
    expect(texts()).toEqual(['re: one\ntwo']);
  });

  it('a repeated event is answered once', async () => {
    const h = await start();
    await h.buyer('hi', { id: 'x' });
    await h.buyer('hi', { id: 'x' });
    await h.settle();
    await h.buyer('hi', { id: 'x' });
    await h.settle(10_000);
    expect(texts()).toEqual(['re: hi']);
  });

  it('handles swapped deliveries inside the window in platform order', async () => {
    const h = await start();
    await h.buyer('second', { index: '11' });
    await h.buyer('first', { index: '9' });
    await h.settle();
    expect(texts()).toEqual(['re: first\nsecond']);
  });

  it('a dialog that raises becomes the fallback and the way to a person', async () => {
    const h = await start();
    await h.buyer('boom');
    await h.settle();
    expect(texts()[0]).toContain('<fallback>');
    expect(h.desk.opens.map((open) => open.request.reason)).toEqual(['error']);
    expect(await h.owner()).toBe('agent');
  });

  it('a message that comes while the answer still waits supersedes it, and both are answered together', async () => {
    const h = await start();
    h.platform.script.push({ kind: 'refused', next: 'retry', code: '429', reason: 'too many', retryAfterMs: 60_000 });
    await h.buyer('where is it');
    await h.settle(1_500);
    expect(texts()).toEqual([]);
    await h.buyer('order 5');
    await h.settle(100_000);
    expect(texts()).toEqual(['re: where is it\norder 5']);
    const story = await h.store.timeline(conversationIdOf(REF), { limit: 100 });
    expect(story.some((entry) => entry.kind === 'outbound' && entry.status === 'dropped')).toBe(true);
  });
});

describe('sending', () => {
  it('an unknown outcome that had arrived is not sent again', async () => {
    const h = await start();
    h.platform.script.push('lost-answer');
    await h.buyer('hi');
    await h.settle(20_000);
    expect(texts()).toEqual(['re: hi']);
    expect(h.platform.reads).toBeGreaterThan(0);
  });

  it('an unknown outcome that had not arrived is sent again within 15 seconds, after two looks', async () => {
    const h = await start();
    h.platform.script.push('lost-send');
    await h.buyer('hi');
    await h.settle(1_200 + 15_000);
    expect(texts()).toEqual(['re: hi']);
    expect(h.platform.reads).toBeGreaterThanOrEqual(2);
  });

  it('an exception of the channel counts as unknown, never as not sent', async () => {
    const h = await start();
    h.platform.script.push('throw');
    await h.buyer('hi');
    await h.settle(20_000);
    expect(texts()).toEqual(['re: hi']);
    expect(h.platform.reads).toBeGreaterThanOrEqual(2);
  });

  it('a refused wording without a variant goes to a person', async () => {
    const h = await start();
    h.platform.script.push({ kind: 'refused', next: 'rephrase', code: '45101006', reason: 'sensitive words' });
    await h.buyer('hi');
    await h.settle(5_000);
    expect(h.desk.opens[0]?.request.reason).toBe('undeliverable');
    expect(await h.store.listDeadLetters(10)).toHaveLength(1);
  });

  it('a dead letter does not block what comes after it', async () => {
    const h = await start();
    h.platform.script.push({ kind: 'refused', next: 'dead', code: 'X', reason: 'never' });
    await h.buyer('one');
    await h.settle();
    await h.buyer('two');
    await h.settle();
    expect(texts()).toEqual(['re: two']);
  });
});

describe('the way to a person and back', () => {
  it('says nothing before Udesk answered, then names the agent; relays both ways; closes with a rated survey', async () => {
    const h = await start();
    await h.buyer('human please');
    await h.settle(100);
    expect(texts()[0]).toContain('<handoff.accepted>');
    expect(await h.owner()).toBe('agent');
    expect(h.desk.sent[0]?.text).toContain('human please');
    await h.buyer('my parcel is lost');
    await h.settle();
    expect(h.desk.sent.at(-1)).toMatchObject({ text: 'my parcel is lost', to: { kind: 'session', sessionId: '900' } });
    await h.push({
      kind: 'desk.message',
      sessionId: '900',
      messageId: 'm1',
      parts: [{ type: 'text', text: 'Let me look' }],
    });
    await h.settle();
    expect(texts().at(-1)).toBe('Let me look');
    await h.push({ kind: 'desk.transferred', sessionId: '901', agentName: 'Leo' });
    await h.push({
      kind: 'desk.message',
      sessionId: '901',
      messageId: 'm2',
      parts: [{ type: 'text', text: 'Leo here' }],
    });
    await h.settle();
    await h.buyer('thanks');
    await h.settle();
    expect(h.desk.sent.at(-1)?.to).toEqual({ kind: 'session', sessionId: '901' });
    await h.push({ kind: 'desk.closed', sessionId: '901', how: 'normal', survey: SURVEY });
    await h.settle();
    expect(texts().at(-1)).toContain('1. Good\n2. Bad');
    expect(await h.owner()).toBe('closed');
    await h.buyer('1');
    await h.settle();
    expect(h.desk.votes).toEqual([{ sessionId: '901', optionId: '36', remark: undefined }]);
    await h.buyer('5');
    await h.settle();
    expect(texts().at(-1)).toBe('re: 5');
    expect(h.desk.votes).toHaveLength(1);
  });

  it('counts the handoff and each change of owner', async () => {
    const h = await start();
    await h.buyer('human');
    await h.settle();
    expect(h.counted.filter((line) => /handoffs|owner_changes/u.test(line))).toEqual([
      'buyerline_owner_changes_total {"from":"bot","to":"queue"}',
      'buyerline_handoffs_total {"outcome":"asked"}',
      'buyerline_owner_changes_total {"from":"queue","to":"agent"}',
      'buyerline_handoffs_total {"outcome":"accepted"}',
    ]);
  });

  it('asks for the remark that an option requires', async () => {
    const h = await start();
    await h.buyer('human');
    await h.settle();
    await h.push({ kind: 'desk.closed', sessionId: '900', how: 'normal', survey: SURVEY });
    await h.settle();
    await h.buyer('2');
    await h.settle();
    expect(texts().at(-1)).toContain('<survey.remark>');
    await h.buyer('too slow');
    await h.settle();
    expect(h.desk.votes).toEqual([{ sessionId: '900', optionId: '37', remark: 'too slow' }]);
  });

  it('a number after the survey window is a message again', async () => {
    const h = await start();
    await h.buyer('human');
    await h.settle();
    await h.push({ kind: 'desk.closed', sessionId: '900', how: 'normal', survey: SURVEY });
    await h.settle(1_900_000);
    await h.buyer('1');
    await h.settle();
    expect(h.desk.votes).toEqual([]);
    expect(texts().at(-1)).toBe('re: 1');
  });

  it('tells the place, then the agent when a push brings one; buyer words in the queue go with -3', async () => {
    const h = await start();
    h.desk.openAnswers.push({ kind: 'answered', facts: { state: 'queued', queueKey: 'a:b', place: 4 } });
    await h.buyer('human');
    await h.settle();
    expect(texts()).toEqual([expect.stringContaining('<handoff.queued> 4')]);
    expect(await h.owner()).toBe('queue');
    await h.buyer('still there?');
    await h.settle();
    expect(h.desk.sent.at(-1)).toMatchObject({ text: 'still there?', to: { kind: 'queue' } });
    h.desk.queue = { state: 'queued', place: 2 };
    await h.settle(26_000);
    expect(texts().at(-1)).toContain('<handoff.queue_moved> 2');
    await h.push({ kind: 'desk.started', sessionId: '77', agentName: 'Mia' });
    await h.settle();
    expect(await h.owner()).toBe('agent');
    expect(texts().at(-1)).toContain('<handoff.accepted>');
  });

  it('"cancel" leaves the queue and the bot has the conversation again', async () => {
    const h = await start();
    h.desk.openAnswers.push({ kind: 'answered', facts: { state: 'queued', queueKey: 'a:b', place: 4 } });
    await h.buyer('human');
    await h.settle();
    await h.buyer('cancel');
    await h.settle();
    expect(h.desk.left).toEqual(['a:b']);
    expect(await h.owner()).toBe('bot');
    await h.buyer('hello again');
    await h.settle();
    expect(texts().at(-1)).toBe('re: hello again');
  });

  it('a spent queue budget leaves the queue and says so', async () => {
    const h = await start();
    h.desk.openAnswers.push({ kind: 'answered', facts: { state: 'queued', queueKey: 'a:b', place: 4 } });
    h.desk.queue = { state: 'queued', place: 4 };
    await h.buyer('human');
    await h.settle(610_000);
    expect(h.desk.left).toEqual(['a:b']);
    expect(texts().at(-1)).toContain('<handoff.gave_up>');
    expect(await h.owner()).toBe('bot');
  });

  it('nobody online and Udesk out of reach are told apart', async () => {
    const h = await start();
    h.desk.openAnswers.push({ kind: 'answered', facts: { state: 'nobody_online' } });
    await h.buyer('human');
    await h.settle();
    expect(texts().at(-1)).toContain('<handoff.nobody_online>');
    for (let i = 0; i < 4; i++) h.desk.openAnswers.push({ kind: 'unknown', reason: 'time-out' });
    await h.buyer('human');
    await h.settle(30_000);
    expect(texts().at(-1)).toContain('<handoff.unknown>');
    expect(await h.owner()).toBe('bot');
  });

  it('outside opening hours Udesk is not asked', async () => {
    const h = await start({
      hours: { open: false, opensAt: 1_700_030_000_000 },
      settings: { hours: { timeZone: 'UTC', week: [], holidays: [] } },
    });
    await h.buyer('human');
    await h.settle();
    expect(h.desk.opens).toEqual([]);
    expect(texts().at(-1)).toContain('<handoff.closed>');
  });

  it('a session that is gone is opened anew and the message is re-sent once under a fresh id', async () => {
    const h = await start();
    await h.buyer('human');
    await h.settle();
    h.desk.sendAnswers.push({ kind: 'gone' });
    h.desk.openAnswers.push({ kind: 'answered', facts: { state: 'assigned', sessionId: '950' } });
    await h.buyer('are you there');
    await h.settle();
    await h.buyer('hello?');
    await h.settle();
    const relayed = h.desk.sent.filter((line) => line.text === 'are you there' || line.text === 'hello?');
    expect(relayed.map((line) => line.to)).toEqual([
      { kind: 'session', sessionId: '950' },
      { kind: 'session', sessionId: '950' },
    ]);
    expect(relayed[0]?.messageId.endsWith('-r')).toBe(true);
  });

  it('a redirect close waits for its transfer and does not end the conversation', async () => {
    const h = await start();
    await h.buyer('human');
    await h.settle();
    await h.push({ kind: 'desk.closed', sessionId: '900', how: 'redirect', survey: SURVEY });
    await h.push({ kind: 'desk.transferred', sessionId: '901' });
    await h.settle(120_000);
    expect(await h.owner()).toBe('agent');
    expect(texts().some((text) => text.includes('<survey.ask>'))).toBe(false);
  });

  it('an idle buyer: the bridge closes the session', async () => {
    const h = await start();
    await h.buyer('human');
    await h.settle();
    await h.push({ kind: 'desk.message', sessionId: '900', messageId: 'm1', parts: [{ type: 'text', text: 'hello' }] });
    await h.settle(1_900_000);
    expect(h.desk.closed).toEqual(['900']);
    expect(await h.owner()).toBe('closed');
  });
});

describe('takeover by staff in the seller app', () => {
  it('drops what the bot had computed and silences it until staff are done', async () => {
    const h = await start();
    h.platform.script.push({ kind: 'refused', next: 'retry', code: '429', reason: 'too many', retryAfterMs: 30_000 });
    await h.buyer('question');
    await h.settle(1_500);
    await h.staff('I take this one');
    await h.settle(60_000);
    expect(texts()).toEqual([]);
    expect(await h.owner()).toBe('agent');
    await h.buyer('thank you');
    await h.settle();
    expect(texts()).toEqual([]);
  });

  it('an echo that arrives before the answer of its own send is ours, not a takeover', async () => {
    const h = await start();
    h.platform.during = async (send) => {
      h.platform.during = null;
      await h.staff(send.part.type === 'text' ? send.part.text : '', { id: 'out-1' });
    };
    await h.buyer('hi');
    await h.settle(5_000);
    expect(texts()).toEqual(['re: hi']);
    expect(await h.owner()).toBe('bot');
  });

  it('an unanswered buyer goes to Udesk when staff stop answering', async () => {
    const h = await start();
    await h.staff('hello');
    await h.settle();
    await h.settle(1_000);
    await h.buyer('and my refund?');
    await h.settle(1_900_000);
    expect(h.desk.opens.map((open) => open.request.reason)).toEqual(['staff_silent']);
  });
});

describe('a killed worker', () => {
  it('is replaced within ten seconds and nothing is lost or said twice', async () => {
    const h = await start();
    await h.buyer('one');
    await h.crash();
    await h.settle(12_000);
    expect(texts()).toEqual(['re: one']);
  });
});
