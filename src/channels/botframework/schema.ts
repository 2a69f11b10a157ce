import { z } from 'zod';
import { tryParseJson } from '../../common/json.ts';

/**
 * An activity as far as we read it; unknown fields are left out, wrong types refused. Source: Bot Framework Activity schema 3.1
 * (microsoft/botframework-sdk, specs/botframework-activity). Lengths are ours: the schema names none.
 */
const ID = /^[^\p{Cc}\p{Surrogate}]{1,400}$/u;
const id = z.string().regex(ID, 'is empty, too long, or holds control characters');
/** It becomes a segment of the address that answers are posted to. */
const conversationId = id.refine((value) => value !== '.' && value !== '..', 'is a path, not an id');

const absent = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);
const text = absent(z.string());

const account = z.object({ id, name: text, role: text });

const attachment = z.object({
  contentType: text,
  contentUrl: text,
  name: text,
});

export const activitySchema = z.object({
  type: id,
  id: absent(id),
  channelId: id,
  serviceUrl: z.string().max(2_000),
  conversation: z.object({
    id: conversationId,
    conversationType: text,
    tenantId: text,
    isGroup: absent(z.boolean()),
  }),
  from: absent(account),
  recipient: absent(account),
  timestamp: text,
  text,
  attachments: absent(z.array(attachment)),
  /** Mentions, client information and much else: read one by one. */
  entities: absent(z.array(z.unknown())),
  deliveryMode: text,
  /** What a button or a card sent instead of a text. */
  value: z.unknown().optional(),
});

export type IncomingActivity = z.output<typeof activitySchema>;

export type ReadActivity = { kind: 'read'; activity: IncomingActivity } | { kind: 'unreadable'; problem: string };

/** Never throws. `problem` names fields and what they should be, never what stood in them. */
export function readActivity(rawBody: Buffer): ReadActivity {
  const body = tryParseJson(rawBody.toString('utf8').replace(/^\uFEFF/, ''));
  if (body === undefined) return { kind: 'unreadable', problem: 'the body is not JSON' };
  const read = activitySchema.safeParse(body);
  if (!read.success) {
    const problems = read.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.') || 'the body'}: ${issue.message}`);
    return { kind: 'unreadable', problem: problems.join('; ') };
  }
  if (read.data.type === 'message' && read.data.from === undefined)
    return { kind: 'unreadable', problem: 'from: a message has a sender' };
  return { kind: 'read', activity: read.data };
}

const mentionSchema = z.object({ type: z.literal('mention'), text: z.string().min(1), mentioned: z.object({ id }) });

/** The words that name the bot in a group (`<at>Shop</at>`); they are not part of what the buyer says. */
export function mentionsOfBot(activity: IncomingActivity): string[] {
  const botId = activity.recipient?.id;
  if (botId === undefined) return [];
  return (activity.entities ?? []).slice(0, 50).flatMap((entity) => {
    const mention = mentionSchema.safeParse(entity);
    return mention.success && mention.data.mentioned.id === botId ? [mention.data.text] : [];
  });
}
