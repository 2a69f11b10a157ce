import { z } from 'zod';
import { deliverySwitchesSchema } from './delivery-plan.ts';

/** Inputs that both simulators' control APIs share. Numbers in a query arrive as text. */
export const advanceSchema = z.strictObject({ ms: z.number().int().nonnegative(), wire: z.boolean().optional() });
export const clearFaultsSchema = z.strictObject({ endpoint: z.string().optional() });
export const listSchema = z.strictObject({ limit: z.coerce.number().int().positive().optional() });
export const planDeliveriesSchema = z.strictObject({
  switches: deliverySwitchesSchema,
  times: z.number().int().positive().max(10_000).optional(),
  /** TikTok: `buyer` (default), `echo`, `noise`, `other`, `any`. Udesk: `any` (default), `agent`, `urobot`, `receipt`. */
  only: z.string().optional(),
});
export type PlanDeliveriesInput = z.infer<typeof planDeliveriesSchema>;
