import type { Problem } from '../common/errors.ts';
import type { Values, VariableName } from './config-schema.ts';

/**
 * What can be written but is not carried by this version. Refused at the start, because a setting that does nothing is worse than one
 * that is missing. A version that carries one of these removes its row.
 */
interface NotYet {
  where: VariableName;
  /** Asked only for variables that are set. */
  wanted(values: Partial<Values>): boolean;
  instead: string;
}

const always = () => true;

const SHOPEE_ACCOUNT = [
  'SHOPEE_PARTNER_ID',
  'SHOPEE_PARTNER_KEY',
  'SHOPEE_PUSH_KEY',
  'SHOPEE_PUSH_KEY_PREVIOUS',
  'SHOPEE_SHOP_ID',
  'SHOPEE_ACCESS_TOKEN',
  'SHOPEE_REFRESH_TOKEN',
  'SHOPEE_WEBCHAT_URL',
  'SHOPEE_WEBCHAT_SHOP_ID',
  'SHOPEE_WEBCHAT_UID',
  'SHOPEE_WEBCHAT_AUTHORIZATION',
  'SHOPEE_WEBCHAT_COOKIE',
  'SHOPEE_WEBCHAT_X_S',
  'SHOPEE_WEBCHAT_X_V',
  'SHOPEE_WEBCHAT_USER_AGENT',
] as const satisfies readonly VariableName[];

const NOT_YET: readonly NotYet[] = [
  {
    where: 'DATABASE_URL',
    wanted: (values) => values.DATABASE_URL?.startsWith('postgres') === true,
    instead: 'PostgreSQL: write sqlite:./data/buyerline.db',
  },
  {
    where: 'BUYERLINE_ROLE',
    wanted: (values) => values.BUYERLINE_ROLE !== 'all',
    instead: 'web and worker processes of their own: write all',
  },
  {
    where: 'BUYERLINE_FIRST_LINE',
    wanted: (values) => values.BUYERLINE_FIRST_LINE === 'urobot',
    instead: "Udesk's urobot as the first line: write dialogs",
  },
  {
    where: 'TIKTOK_REPLY_MODE',
    wanted: (values) => values.TIKTOK_REPLY_MODE === 'assist',
    instead: 'the reply mode assist: write auto or off',
  },
  {
    where: 'SHOPEE_REPLY_MODE',
    wanted: (values) => values.SHOPEE_REPLY_MODE === 'assist',
    instead: 'the reply mode assist: write auto or off',
  },
  ...SHOPEE_ACCOUNT.map((where) => ({ where, wanted: always, instead: 'Shopee: remove this line' })),
];

/** `values` holds what could be read; a variable whose text is wrong has its own problem and is left out. */
export const notYetAvailable = (values: Partial<Values>, isSet: (name: VariableName) => boolean): Problem[] =>
  NOT_YET.filter(({ where, wanted }) => isSet(where) && values[where] !== undefined && wanted(values)).map(
    ({ where, instead }) => ({ where, what: `not available in this version: ${instead}` }),
  );

/** Set, harmless, and without effect in this version. */
export const withoutEffect = (isSet: (name: VariableName) => boolean): Problem[] =>
  isSet('OPENAI_API_KEY')
    ? [{ where: 'OPENAI_API_KEY', what: 'has no effect in this version: answers come from the dialogs alone' }]
    : [];
