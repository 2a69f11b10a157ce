import { createHash, timingSafeEqual } from 'node:crypto';

/** Signature v2: values joined by `&`, hashed; body and business parameters are not covered (reference section 2.2). */
export function signV2(
  hash: 'sha256' | 'sha1',
  email: string,
  token: string,
  timestamp: string,
  nonce: string,
  version = 'v2',
): string {
  return createHash(hash).update(`${email}&${token}&${timestamp}&${nonce}&${version}`, 'utf8').digest('hex');
}

/**
 * MD5 of the structured messages (rows 27 and 28): fixed order, `jid_resource` left out.
 * The seed's own example gives 4666293b3dfe91aa97179dc701be7afc.
 */
export function signStruct(
  ids: { sessionId: string; customerId: string; agentId: string },
  timestamp: string,
  key: string,
): string {
  const text = `im_sub_session_id=${ids.sessionId}&customer_id=${ids.customerId}&agent_id=${ids.agentId}&timestamp=${timestamp}&${key}`;
  return createHash('md5').update(text, 'utf8').digest('hex');
}

export function sameSign(expected: string, given: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(given);
  return a.length === b.length && timingSafeEqual(a, b);
}
