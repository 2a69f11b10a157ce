import { describe, expect, it } from 'vitest';
import {
  LEGACY_AGENT_STATUS,
  LEGACY_MESSAGE_TYPES,
  LEGACY_PATHS,
  LEGACY_ROLES,
  translateLegacyEnvelope,
} from '../../../../src/channels/tiktok/legacy.ts';

describe('the legacy table', () => {
  it('maps every path, role and status of the page', () => {
    expect(Object.keys(LEGACY_PATHS)).toHaveLength(8);
    expect(LEGACY_PATHS['POST /api/seller/im/customer_service/status/update']).toBe(
      'PUT /customer_service/202309/agents/settings',
    );
    expect(LEGACY_ROLES).toEqual({ 1: 'BUYER', 2: 'SHOP', 3: 'CUSTOMER_SERVICE', 5: 'SYSTEM', 6: 'ROBOT' });
    expect([0, 1, 2].map((status) => LEGACY_AGENT_STATUS[status]?.can_accept_chat)).toEqual([false, true, false]);
  });

  it.each(Object.entries(LEGACY_MESSAGE_TYPES))('a legacy %s is a %s', (old, current) => {
    const { type, data } = translateLegacyEnvelope({ type: 9, data: { msg_type: old } });
    expect(type).toBe(14);
    expect(data).toMatchObject({ type: current });
  });

  it('reads both spellings of the markers', () => {
    const typeOf = (word: string) => translateLegacyEnvelope({ type: 9, data: { msg_type: word } }).data;
    expect(typeOf('use_enter_from_transfer')).toEqual(typeOf('user_enter_from_transfer'));
    expect(typeOf('user_enter_from_order')).toEqual(typeOf('user_enter_from_orders'));
  });

  it('prefers sender_role_v2 and knows nobody under the deprecated 4', () => {
    const roleOf = (data: unknown) => translateLegacyEnvelope({ type: 9, data }).data;
    expect(roleOf({ sender_role: 2, sender_role_v2: 6 })).toMatchObject({ sender: { role: 'ROBOT' } });
    expect(roleOf({ sender_role: 3 })).toMatchObject({ sender: { role: 'CUSTOMER_SERVICE' } });
    expect(roleOf({ sender_role_v2: 4 })).toMatchObject({ sender: { role: undefined } });
  });

  it('leaves current notifications as they are', () => {
    const envelope = { type: 14, data: { conv_short_id: '1' } };
    expect(translateLegacyEnvelope(envelope)).toEqual(envelope);
  });
});
