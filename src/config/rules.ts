import type { Problem } from '../common/errors.ts';
import { factsOf, type VariableName } from './config-schema.ts';
import { GROUPS } from './setting.ts';

/** Which variables are set, whether or not their text is right: a wrong text is its own problem, not a missing variable. */
export type IsSet = (name: VariableName) => boolean;

/** Variables that mean something only together: when one of `any` or `all` is set, every one of `all` must be. */
interface Together {
  all: readonly VariableName[];
  any?: readonly VariableName[];
}

const TOGETHER: readonly Together[] = [
  {
    all: ['TIKTOK_APP_KEY', 'TIKTOK_APP_SECRET'],
    any: ['TIKTOK_APP_SECRET_PREVIOUS', 'TIKTOK_SERVICE_ID', 'TIKTOK_SHOP_ID', 'TIKTOK_ACCESS_TOKEN'],
  },
  { all: ['TIKTOK_SHOP_ID', 'TIKTOK_ACCESS_TOKEN'], any: ['TIKTOK_SHOP_CIPHER', 'TIKTOK_REFRESH_TOKEN'] },
  {
    all: ['UDESK_API_URL', 'UDESK_EMAIL', 'UDESK_API_TOKEN', 'UDESK_PUSH_SECRET'],
    any: ['UDESK_STRUCT_KEY', 'UDESK_GROUP_ID', 'UDESK_CHANNEL', 'UDESK_ROBOT_ID', 'UDESK_SCENE_ID'],
  },
  { all: ['UDESK_ROBOT_ID', 'UDESK_SCENE_ID'] },
  {
    all: ['SHOPEE_PARTNER_ID', 'SHOPEE_PARTNER_KEY', 'SHOPEE_PUSH_KEY'],
    any: ['SHOPEE_PUSH_KEY_PREVIOUS', 'SHOPEE_SHOP_ID', 'SHOPEE_ACCESS_TOKEN'],
  },
  { all: ['SHOPEE_SHOP_ID', 'SHOPEE_ACCESS_TOKEN'], any: ['SHOPEE_REFRESH_TOKEN'] },
  {
    all: [
      'SHOPEE_WEBCHAT_URL',
      'SHOPEE_WEBCHAT_SHOP_ID',
      'SHOPEE_WEBCHAT_UID',
      'SHOPEE_WEBCHAT_AUTHORIZATION',
      'SHOPEE_WEBCHAT_COOKIE',
      'SHOPEE_WEBCHAT_X_S',
      'SHOPEE_WEBCHAT_X_V',
      'SHOPEE_WEBCHAT_USER_AGENT',
    ],
  },
  { all: ['MICROSOFT_APP_ID', 'MICROSOFT_APP_PASSWORD'], any: ['MICROSOFT_APP_TENANT_ID'] },
];

/** Half a group is a mistake whatever the process is started for. */
export function halfGroups(isSet: IsSet): Problem[] {
  const problems: Problem[] = [];
  for (const { all, any = [] } of TOGETHER) {
    const reason = [...all, ...any].find(isSet);
    if (reason === undefined) continue;
    for (const name of all) {
      if (!isSet(name)) problems.push({ where: name, what: `is not set, but ${reason} is: ${toWrite(name)}` });
    }
  }
  return problems;
}

/** What `serve` cannot do without: a place where buyers write, and the desk. */
export function missingForServe(isSet: IsSet): Problem[] {
  const problems: Problem[] = [];
  const marketplace = ['TIKTOK_APP_KEY', 'TIKTOK_APP_SECRET'] as const;
  if (!marketplace.some(isSet) && !isSet('MICROSOFT_APP_ID') && !isSet('MICROSOFT_APP_PASSWORD')) {
    for (const name of marketplace) {
      problems.push({
        where: name,
        what: `is not set and no other place where buyers write is: ${toWrite(name)} (or set MICROSOFT_APP_ID and MICROSOFT_APP_PASSWORD)`,
      });
    }
  }
  for (const name of ['UDESK_API_URL', 'UDESK_EMAIL', 'UDESK_API_TOKEN', 'UDESK_PUSH_SECRET'] as const) {
    if (!isSet(name)) problems.push({ where: name, what: `is not set: ${toWrite(name)}` });
  }
  return problems;
}

function toWrite(name: VariableName): string {
  const facts = factsOf(name);
  const example = facts.example === undefined ? '' : `, for example ${facts.example}`;
  return `write the value for ${GROUPS[facts.group]} (${facts.description.replace(/\.$/, '')}${example})`;
}
