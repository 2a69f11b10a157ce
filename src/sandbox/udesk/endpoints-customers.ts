import { CODES, refuse } from './codes.ts';
import { customerDump } from './customer-view.ts';
import { readOptionalInt, type UdeskEndpoint, type UdeskPlatform } from './endpoint.ts';
import type { UdeskCustomer } from './types.ts';

const FIND_TYPES = ['id', 'email', 'cellphone', 'token', 'weixin_open_id', 'weibo_id'];

/** The customers API and log_in (reference sections 2.1 and 5). */
export const CUSTOMER_ENDPOINTS: readonly UdeskEndpoint[] = [
  {
    name: 'log_in',
    method: 'POST',
    path: '/log_in',
    sign: 'none',
    envelope: 'general',
    run({ body }, platform) {
      if (body.email !== platform.email) refuse(CODES.NOT_ADMIN, 'the account is not a super administrator');
      if (body.password !== platform.password) refuse(CODES.BAD_PARAMETER, 'the password is wrong');
      return { open_api_auth_token: platform.apiToken };
    },
  },
  {
    name: 'customers.create',
    method: 'POST',
    path: '/customers',
    envelope: 'general',
    run({ body }, platform) {
      const { world } = platform;
      const facts = readCustomer(body.customer);
      if (facts.token !== undefined && facts.token !== null && world.customerByToken(facts.token) !== undefined)
        refuse(CODES.FAILED, 'open_api_token has been taken');
      if (facts.email !== undefined && [...world.customers.values()].some((one) => one.email === facts.email))
        refuse(CODES.FAILED, 'email has been taken');
      const customer = world.addCustomer({ ...facts, tags: readTags(body.tags) ?? [] });
      return { message: 'Create success', customer: customerDump(customer) };
    },
  },
  {
    name: 'customers.find',
    method: 'GET',
    path: '/customers/get_customer',
    envelope: 'general',
    run: ({ request }, platform) => ({ customer: customerDump(needFound(request.query, platform)) }),
  },
  {
    name: 'customers.update',
    method: 'PUT',
    path: '/customers/update_customer',
    envelope: 'general',
    run({ request, body }, platform) {
      const customer = needFound(request.query, platform);
      const { token, ...facts } = readCustomer(body.customer);
      const tags = readTags(body.tags);
      Object.assign(customer, facts, tags === null ? {} : { tags }, { updatedMs: platform.world.clock.now() });
      if (facts.nickName !== undefined) customer.anonymous = false;
      if (typeof token === 'string' && token !== customer.token) {
        if (platform.world.customerByToken(token) !== undefined) refuse(CODES.FAILED, 'open_api_token has been taken');
        platform.world.renameToken(customer, token);
      }
      return { message: 'Update success', customer: customerDump(customer) };
    },
  },
  {
    name: 'customers.destroy',
    method: 'DELETE',
    path: '/customers/destroy_customer',
    envelope: 'general',
    run({ request }, platform) {
      const customer = needFound(request.query, platform);
      platform.world.removeCustomer(customer);
      return { customer_id: customer.id };
    },
  },
  {
    name: 'customers.list',
    method: 'GET',
    path: '/customers',
    envelope: 'general',
    run({ request }, platform) {
      const page = readOptionalInt(request.query.get('page'), 'page') ?? 1;
      const size = readOptionalInt(request.query.get('page_size'), 'page_size') ?? 20;
      if (page < 1 || size < 1 || size > 100) refuse(CODES.BAD_PARAMETER, 'page from 1, page_size 1 to 100');
      const query = request.query.get('query') ?? '';
      const rows = [...platform.world.customers.values()].filter((one) => one.nickName.includes(query));
      return {
        customers: rows.slice((page - 1) * size, page * size).map(customerDump),
        meta: { current_page: page, total_pages: Math.ceil(rows.length / size), total_count: rows.length },
        wechat: [],
        weibo: [],
      };
    },
  },
];

function needFound(query: URLSearchParams, { world }: UdeskPlatform): UdeskCustomer {
  const type = query.get('type') ?? '';
  const content = query.get('content') ?? '';
  if (!FIND_TYPES.includes(type) || content === '') return refuse(CODES.BAD_PARAMETER, 'type and content are required');
  const all = () => [...world.customers.values()];
  const found =
    type === 'token'
      ? world.customerByToken(content)
      : type === 'id'
        ? world.customers.get(Number(content))
        : type === 'email'
          ? all().find((one) => one.email === content)
          : type === 'cellphone'
            ? all().find((one) => one.cellphones.some(([, number]) => number === content))
            : undefined;
  return found ?? refuse(CODES.FAILED, 'the customer does not exist');
}

function readCustomer(value: unknown): Partial<UdeskCustomer> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return refuse(CODES.BAD_PARAMETER, 'customer must be an object');
  const given = value as Record<string, unknown>;
  const facts: Partial<UdeskCustomer> = {};
  const text = (name: string): string | undefined => {
    const field = given[name];
    if (field === undefined || field === null) return undefined;
    return typeof field === 'string' ? field : refuse(CODES.BAD_PARAMETER, `customer.${name} must be a string`);
  };
  const token = text('open_api_token');
  if (token !== undefined) facts.token = token;
  const nickName = text('nick_name');
  if (nickName !== undefined) facts.nickName = nickName;
  const email = text('email');
  if (email !== undefined) facts.email = email;
  const description = text('description');
  if (description !== undefined) facts.description = description;
  const level = text('level');
  if (level !== undefined) {
    if (level !== 'normal' && level !== 'vip') return refuse(CODES.BAD_PARAMETER, 'customer.level is normal or vip');
    facts.level = level;
  }
  if (given.custom_fields !== undefined) {
    if (given.custom_fields === null || typeof given.custom_fields !== 'object')
      return refuse(CODES.BAD_PARAMETER, 'customer.custom_fields must be an object');
    facts.customFields = given.custom_fields as Record<string, unknown>;
  }
  if (typeof given.is_blocked === 'boolean') facts.isBlocked = given.is_blocked;
  if (Array.isArray(given.cellphones))
    facts.cellphones = given.cellphones.flatMap((pair, at): [number, string][] =>
      Array.isArray(pair) && typeof pair[1] === 'string' ? [[at + 1, pair[1]]] : [],
    );
  return facts;
}

/** One text, separated by commas; `null` when none was given. */
const readTags = (value: unknown): string[] | null =>
  typeof value === 'string' ? value.split(',').filter((tag) => tag !== '') : null;
