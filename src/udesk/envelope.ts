import { asInt, isRecord } from './schema.ts';

/** Which of Udesk's four answer shapes came (reference section 1). */
export type EnvelopeShape = 'workbench' | 'status' | 'code' | 'none';

export interface Envelope {
  shape: EnvelopeShape;
  /** The number that decides, `null` when the answer carries none: never a success, whatever the HTTP status. */
  code: number | null;
  body: Record<string, unknown>;
}

/**
 * Tells the shapes apart by their keys, `bizCode` first, then `status` without `code`, then `code`:
 *
 *     {"succeed":true,"code":1000,"bizCode":"…"}     workbench calls
 *     {"status":1000,"message":"…"}                  structured messages (1000), session search and log (0)
 *     {"code":1000,"message":"…"}                    IM calls
 *     {"code":2059,"code_message":"…","exception":…} other calls and refused signatures
 *
 * Message texts are Chinese or English depending on the tenant: nothing here or elsewhere reads them.
 */
export function readEnvelope(answer: unknown): Envelope {
  if (!isRecord(answer)) return { shape: 'none', code: null, body: {} };
  if ('bizCode' in answer) return { shape: 'workbench', code: asInt(answer.code) ?? null, body: answer };
  if ('status' in answer && !('code' in answer))
    return { shape: 'status', code: asInt(answer.status) ?? null, body: answer };
  if ('code' in answer) return { shape: 'code', code: asInt(answer.code) ?? null, body: answer };
  return { shape: 'none', code: null, body: answer };
}
