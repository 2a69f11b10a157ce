import { factsOf, VARIABLES } from './config-schema.ts';
import { GROUPS, type SettingGroup } from './setting.ts';

/** The README's tables of settings, one per group, in Markdown. */
export function settingsTable(): string {
  const lines: string[] = [];
  let group: SettingGroup | undefined;
  for (const name of VARIABLES) {
    const facts = factsOf(name);
    if (facts.group !== group) {
      group = facts.group;
      lines.push(...(lines.length === 0 ? [] : ['']), `**${GROUPS[group]}**`, '');
      lines.push('| variable | meaning | default |', '| --- | --- | --- |');
    }
    const unit = facts.unit === undefined ? '' : ` In ${facts.unit}.`;
    const fallback = facts.default === undefined ? '' : `\`${facts.default}\``;
    lines.push(`| \`${name}\` | ${cell(facts.description)}${unit} | ${fallback} |`);
  }
  return `${lines.join('\n')}\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
