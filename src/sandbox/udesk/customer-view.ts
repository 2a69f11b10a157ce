import { chinaIso } from './time.ts';
import type { UdeskCustomer } from './types.ts';

/** The customer object as calls and dumps show it. */
export const customerDump = (customer: UdeskCustomer): Record<string, unknown> => ({
  id: customer.id,
  nick_name: customer.nickName,
  email: customer.email === '' ? null : customer.email,
  description: customer.description,
  level: customer.level,
  open_api_token: customer.token,
  web_token: null,
  sdk_token: null,
  is_anonym: customer.anonymous,
  is_blocked: customer.isBlocked,
  tags: customer.tags,
  emails: customer.email === '' ? [] : [customer.email],
  cellphones: customer.cellphones,
  custom_fields: customer.customFields,
  organization_id: null,
  owner_id: null,
  owner_group_id: null,
  source_channel: 'api',
  created_at: chinaIso(customer.createdMs),
  updated_at: chinaIso(customer.updatedMs),
});
