import type { Problem } from '../common/errors.ts';
import type { CompiledDialog, Trigger } from './compiled-dialog.ts';
import { type RawPhrases, type RawTrigger, TRIGGER_KINDS } from './dialog-schema.ts';
import { compileExpression } from './expressions.ts';
import { compilePhrase } from './phrases.ts';
import type { SourcePath, YamlSource } from './yaml-source.ts';

/** The `on:` of one file. */
export function compileTriggers(
  dialogName: string,
  on: RawTrigger | RawTrigger[] | undefined,
  source: YamlSource,
  dialog: Pick<CompiledDialog, 'reads'>,
  problems: Problem[],
): Trigger[] {
  if (on === undefined) return [];
  const list = Array.isArray(on) ? on : [on];
  return list.flatMap((raw, i) => {
    const at: SourcePath = Array.isArray(on) ? ['on', i] : ['on'];
    const kinds = TRIGGER_KINDS.filter((kind) => raw[kind] !== undefined);
    const [kind, second] = kinds;
    if (kind === undefined) {
      problems.push({
        where: source.at(at),
        what: `this trigger says nothing; write one of ${TRIGGER_KINDS.join(', ')}`,
      });
      return [];
    }
    if (second !== undefined) {
      problems.push({
        where: source.atKey(at, second),
        what: `"${kind}" and "${second}" are two triggers; begin each with its own "- "`,
      });
      return [];
    }
    if (raw.urgent === true && kind !== 'phrases')
      problems.push({ where: source.atKey(at, 'urgent'), what: '"urgent" belongs to "phrases"; leave it out here' });
    const written = kind === 'phrases' ? raw.phrases : kind === 'start' && raw.start !== true ? raw.start : undefined;
    const trigger: Trigger = {
      dialog: dialogName,
      where: source.at(at),
      kind,
      phrases: written === undefined ? [] : compilePhrases(written, [...at, kind], source, problems),
      messageTypes: raw.message === undefined ? [] : typeof raw.message === 'string' ? [raw.message] : raw.message,
      event: raw.event,
      priority: raw.priority ?? 0,
      urgent: raw.urgent === true,
      when: undefined,
    };
    if (raw.when !== undefined) {
      const compiled = compileExpression(raw.when);
      const where = source.at([...at, 'when']);
      if ('problem' in compiled) problems.push({ where, what: compiled.problem });
      else {
        trigger.when = compiled.expression;
        for (const path of compiled.expression.reads) dialog.reads.push({ path, where, local: {} });
      }
    }
    return [trigger];
  });
}

function compilePhrases(
  written: RawPhrases,
  at: SourcePath,
  source: YamlSource,
  problems: Problem[],
): Trigger['phrases'] {
  const places: { text: string; at: SourcePath }[] = [];
  const collect = (value: string | string[], path: SourcePath) => {
    if (typeof value === 'string') places.push({ text: value, at: path });
    else
      value.forEach((text, i) => {
        places.push({ text, at: [...path, i] });
      });
  };
  if (typeof written === 'string' || Array.isArray(written)) collect(written, at);
  else for (const [language, value] of Object.entries(written)) collect(value, [...at, language]);
  return places.flatMap(({ text, at: path }) => {
    const phrase = compilePhrase(text);
    const where = source.at(path);
    if (phrase === undefined) {
      problems.push({
        where,
        what: `"${text.slice(0, 40)}" holds no letters to look for; write words, or use "fallback: true" to match everything`,
      });
      return [];
    }
    return [{ phrase, written: text, where }];
  });
}
