import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Bridge } from './processes.ts';
import { tiktokSignature } from './raw-http.ts';
import { createStage, type Stage, tail } from './stage.ts';

export const TIKTOK = '/webhooks/tiktok';
export const OK = { status: 200, body: '' };

/** Filled before the first test of a file. */
export interface Target {
  stage: Stage;
  bridge: Bridge;
}

/**
 * A bridge with the echo dialogs for a whole test file. After every test it must still run and answer a buyer who has nothing to do with it,
 * and at the end it must not have logged anything that is a mistake of ours.
 */
export function underAttack(): Target {
  const target: Partial<Target> = {};
  let control = 0;
  beforeAll(async () => {
    target.stage = await createStage({ dialogs: 'test/fixtures/e2e-dialogs/echo' });
    target.bridge = await target.stage.start();
  }, 120_000);
  afterEach(async () => {
    const { stage, bridge } = ready(target);
    control += 1;
    expect(bridge.running(), tail(stage.printed())).toBe(true);
    await stage.say(`control${control}`, `still there ${control}`);
    await stage.answered(`control${control}`, new RegExp(`^Echo: still there ${control}$`));
  }, 60_000);
  afterAll(async () => {
    if (target.stage === undefined) return;
    const log = target.stage.printed();
    await target.stage.close();
    for (const mistake of ['exception_uncaught', 'rejection_unhandled', 'http.answer_failed', 'INVARIANT_BROKEN'])
      expect(log).not.toContain(mistake);
  }, 60_000);
  return {
    get stage() {
      return ready(target).stage;
    },
    get bridge() {
      return ready(target).bridge;
    },
    set bridge(next) {
      target.bridge = next;
    },
  };
}

function ready(target: Partial<Target>): Target {
  if (target.stage === undefined || target.bridge === undefined) throw new Error('the bridge has not been started');
  return { stage: target.stage, bridge: target.bridge };
}

/** A body signed as TikTok signs, unless the headers say otherwise. */
export async function post(
  stage: Stage,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${stage.url}${TIKTOK}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: tiktokSignature(stage.credentials.tiktok, body),
      ...headers,
    },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { status: answer.status, body: await answer.text() };
}

/** A message that stands in the simulator's conversation and whose webhook the test writes itself. */
export async function written(stage: Stage, buyer: string, text = 'placeholder') {
  const { conversationId, messageId, index } = await stage.say(buyer, text, { deliver: { lost: true } });
  const { imUserId } = (await stage.talk(buyer)).buyer;
  const nowSec = Math.floor(Date.now() / 1000);
  return {
    envelope: (data: object, more: object = {}) => ({
      type: 14,
      tts_notification_id: `9${messageId.slice(1)}`,
      shop_id: stage.shop.shopId,
      timestamp: nowSec,
      data: {
        content: JSON.stringify({ content: text }),
        conversation_id: conversationId,
        create_time: nowSec,
        is_visible: true,
        message_id: messageId,
        index,
        type: 'TEXT',
        sender: { im_user_id: imUserId, role: 'BUYER' },
        ...data,
      },
      ...more,
    }),
    conversationId,
    messageId,
    index,
    imUserId,
    nowSec,
  };
}
