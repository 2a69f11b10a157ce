import { z } from 'zod';

/**
 * Readers for Udesk's loose JSON: ids come as numbers or texts, absent fields as `null`, `""` or not at all, lists as single objects.
 * None of these ever fails; a field that cannot be read is `undefined`.
 */
export const idText = z
  .unknown()
  .optional()
  .transform((value): string | undefined => asId(value));

export const looseText = z
  .unknown()
  .optional()
  .transform((value): string | undefined => asText(value));

export const looseInt = z
  .unknown()
  .optional()
  .transform((value): number | undefined => asInt(value));

/** Items that are objects; anything else in the list is left out. A single object counts as a list of one. */
export const looseList = z
  .unknown()
  .optional()
  .transform((value): Record<string, unknown>[] =>
    Array.isArray(value) ? value.filter(isRecord) : isRecord(value) ? [value] : [],
  );

export const looseRecord = z
  .unknown()
  .optional()
  .transform((value): Record<string, unknown> | undefined => (isRecord(value) ? value : undefined));

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `900` and `'900'` -> `'900'`; `0`, `''`, `null` and fractions are no id. */
export function asId(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? String(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return text === '' || text === '0' ? undefined : text;
}

export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/** `3` and `'3'` -> `3`. */
export function asInt(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string' || !/^-?\d{1,15}$/.test(value.trim())) return undefined;
  return Number(value.trim());
}

/** Switches are written as `true`, `1`, `"1"` or `"true"`; `undefined` when the field is missing. */
export function asFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === '1' || value === 'true') return true;
  if (value === 0 || value === '0' || value === 'false' || value === '') return false;
  return undefined;
}

/** Answer of `POST /im/sessions`; which fields are set depends on the code (reference 4.1). */
export const sessionResult = z.object({
  message: looseText,
  assign_type: looseText,
  assign_info: z
    .unknown()
    .optional()
    .transform((value): Record<string, unknown> => (isRecord(value) ? value : {}))
    .pipe(
      z.object({
        im_sub_session_id: idText,
        count: looseInt,
        queue: looseText,
        agent_id: idText,
        agent_name: looseText,
        survey_options: z.unknown().optional(),
      }),
    ),
});

const customer = z.looseObject({ id: idText, nick_name: looseText, open_api_token: looseText });
export const customerResult = z.object({ customer: looseRecord.pipe(customer.optional()) });

export const queueStatusResult = z.object({ status: looseText, count: looseInt });

export const customerStatusResult = z.object({ status_code: looseInt, status: looseText });

const agent = z.object({
  id: idText,
  name: looseText,
  nick: looseText,
  im_nick: looseText,
  im_status: looseText,
  im_session_num: looseInt,
  im_max_join_num: looseInt,
});
export const agentStatusResult = z.object({ agents: looseList.pipe(z.array(agent)) });

/** The items have the shape of a push (reference 6.3) and are read by the same code. */
export const unreadResult = z.object({ count: looseInt, unread_messages: looseList });

/** Calls whose answer says nothing beyond its code. */
export const plainResult = z.object({ message: looseText });
