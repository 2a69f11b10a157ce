import { z } from 'zod';
import type { Clock } from '../../common/clock.ts';
import type { Random } from './random.ts';

/** What may go wrong with one delivery to the bridge. Nothing set: delivered once, at once. */
export const deliverySwitchesSchema = z.strictObject({
  /** Extra identical copies. */
  duplicate: z.number().int().min(0).max(20).optional(),
  delayMs: z.number().int().nonnegative().optional(),
  /** Never sent; only reading the API finds it. */
  lost: z.boolean().optional(),
  /** Sent after the next delivery of the same shop or customer (or after 2 s alone). */
  swap: z.boolean().optional(),
  /** Signature of another key; only where the platform signs. */
  wrongSignature: z.boolean().optional(),
  /** A `type` number nobody documented; only TikTok. */
  unknownType: z.boolean().optional(),
});
export type DeliverySwitches = z.infer<typeof deliverySwitchesSchema>;

/** Chances between 0 and 1, drawn for every delivery without own switches. */
export const deliveryChaosSchema = z.strictObject({
  duplicate: z.number().min(0).max(1).optional(),
  lost: z.number().min(0).max(1).optional(),
  swap: z.number().min(0).max(1).optional(),
  late: z.number().min(0).max(1).optional(),
  /** For `late`, default 500. */
  lateMs: z.number().int().nonnegative().optional(),
});
export type DeliveryChaos = z.infer<typeof deliveryChaosSchema>;

const SWAP_PATIENCE_MS = 2_000;

export interface DeliveryPlan {
  /** The next `times` deliveries without own switches get these; with `only`, those of that tag (`buyer`, `echo`…). */
  plan(switches: DeliverySwitches, times: number, only?: string): void;
  chaos(rates: DeliveryChaos): void;
  take(own: DeliverySwitches | undefined, tag: string): DeliverySwitches;
  /** Calls `send` as often, as late and in such order as the switches say. */
  dispatch(key: string, switches: DeliverySwitches, send: () => void): void;
}

export function createDeliveryPlan(clock: Clock, random: Random): DeliveryPlan {
  const planned: { switches: DeliverySwitches; only: string | undefined }[] = [];
  let rates: DeliveryChaos = {};
  const held = new Map<string, () => void>();
  const hit = (rate: number | undefined) => rate !== undefined && rate > 0 && random() < rate;

  return {
    plan(switches, times, only) {
      for (let i = 0; i < times; i++) planned.push({ switches, only });
    },
    chaos(next) {
      rates = next;
    },
    take(own, tag) {
      if (own !== undefined) return own;
      const at = planned.findIndex((entry) => entry.only === undefined || entry.only === tag);
      if (at >= 0) return planned.splice(at, 1)[0]?.switches ?? {};
      const drawn: DeliverySwitches = {};
      if (hit(rates.lost)) drawn.lost = true;
      if (hit(rates.duplicate)) drawn.duplicate = 1;
      if (hit(rates.swap)) drawn.swap = true;
      if (hit(rates.late)) drawn.delayMs = rates.lateMs ?? 500;
      return drawn;
    },
    dispatch(key, switches, send) {
      if (switches.lost === true) return;
      const copies = 1 + (switches.duplicate ?? 0);
      const run = () => {
        for (let i = 0; i < copies; i++) send();
      };
      if (switches.delayMs !== undefined && switches.delayMs > 0) {
        clock.schedule(switches.delayMs, run);
        return;
      }
      const waiting = held.get(key);
      if (switches.swap === true && waiting === undefined) {
        const release = () => {
          if (held.get(key) !== release) return;
          held.delete(key);
          timer.cancel();
          run();
        };
        const timer = clock.schedule(SWAP_PATIENCE_MS, release);
        held.set(key, release);
        return;
      }
      run();
      waiting?.();
    },
  };
}
