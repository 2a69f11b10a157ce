import { z } from 'zod';
import { deliverySwitchesSchema } from '../kernel/delivery-plan.ts';

/** A session by its id, or the live one of a customer. */
const which = { sessionId: z.number().int().positive().optional(), customerToken: z.string().optional() };

export const whichSchema = z.strictObject(which);
export type WhichSession = z.infer<typeof whichSchema>;

export const agentStatusSchema = z.strictObject({
  agentId: z.number().int(),
  status: z.enum(['online', 'busy', 'offline']),
  maxSessions: z.number().int().nonnegative().optional(),
});

export const sessionsSchema = z.strictObject({
  customerToken: z.string().optional(),
  /** `true` or `false`, as text in a query. */
  open: z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]).optional(),
});

export const agentSaySchema = z.strictObject({
  ...which,
  /** `text` is a plain message, `html` a rich one. Default `text`. */
  type: z.enum(['text', 'html', 'image', 'video', 'file', 'audio']).optional(),
  /** Text, HTML or the address of the file. */
  content: z.string(),
  filename: z.string().optional(),
  deliver: deliverySwitchesSchema.optional(),
});

export const agentReadSchema = z.strictObject({ ...which, messageIds: z.array(z.string()).optional() });

export const transferSchema = z.strictObject({
  ...which,
  toAgentId: z.number().int(),
  order: z.enum(['close_first', 'transfer_first']).optional(),
});

export const closeSchema = z.strictObject({ ...which, closeType: z.enum(['normal', 'force']).optional() });
export const assignNowSchema = z.strictObject({ customerToken: z.string().optional() });
export const planAssignmentSchema = z.strictObject({
  outcome: z.enum(['assigning', 'queued', 'nobody']),
  times: z.number().int().positive().optional(),
});
export const pushUrlSchema = z.strictObject({ url: z.string().optional() });
export const pushRawSchema = z.strictObject({ body: z.string() });
export const pickerSchema = z.strictObject({ sessionId: z.number().int(), link: z.string() });

export const behaviourSchema = z.strictObject({
  startPush: z.enum(['after', 'before', 'never']).optional(),
  transferOrder: z.enum(['close_first', 'transfer_first']).optional(),
  assigningMs: z.number().int().nonnegative().optional(),
  storeRepeats: z.boolean().optional(),
  pausedPushes: z.enum(['drop', 'hold']).optional(),
  previewActivated: z.boolean().optional(),
  acceptVideoAndFile: z.boolean().optional(),
  thirdPartyRobot: z.boolean().optional(),
  topAskSpelling: z.enum(['seed', 'live']).optional(),
  pushOnApiClose: z.boolean().optional(),
  surveyEnabled: z.boolean().optional(),
  surveyShowType: z.enum(['text', 'expression', 'star']).optional(),
  surveyAfterSession: z.boolean().optional(),
  sensitiveWords: z.array(z.string().min(1)).optional(),
  language: z.enum(['en', 'zh']).optional(),
});
