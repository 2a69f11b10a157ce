import { factsOf, VARIABLES } from './config-schema.ts';
import { GROUPS, type SettingGroup } from './setting.ts';

/**
 * Text of `.env.example`, a file that works as it is when copied: an empty value counts as not set, and lines with a default
 * are commented out. Regenerate with `npx vitest run test/unit/config/env-example.test.ts -u`.
 */
export function envExample(): string {
  const lines = [
    '# Settings of Buyerline. Copy this file to .env and fill in what you use.',
    '# Variables of the process environment win over this file; an empty value counts as not set.',
    '# Generated from src/config: change a description there, not here.',
  ];
  let group: SettingGroup | undefined;
  for (const name of VARIABLES) {
    const facts = factsOf(name);
    if (facts.group !== group) {
      group = facts.group;
      lines.push('', `# ---- ${GROUPS[group]} ----`);
    }
    lines.push('', `# ${facts.description}`);
    const remarks = [
      facts.unit === undefined ? undefined : `Unit: ${facts.unit}.`,
      facts.default === undefined ? undefined : `Default: ${facts.default}`,
      facts.default !== undefined || facts.example === undefined ? undefined : `Example: ${facts.example}`,
    ].filter((remark) => remark !== undefined);
    if (remarks.length > 0) lines.push(`# ${remarks.join(' ')}`);
    lines.push(facts.default === undefined ? `${name}=` : `#${name}=${facts.default}`);
  }
  return `${lines.join('\n')}\n`;
}
