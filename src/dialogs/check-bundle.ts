import type { Problem } from '../common/errors.ts';
import type { CompiledDialog, Trigger } from './compiled-dialog.ts';
import { BUILT_IN, pathProblem, type Shape } from './variables.ts';

/** Everything that can only be judged with all files on the table, apart from the graph. */
export function checkBundle(
  dialogs: ReadonlyMap<string, CompiledDialog>,
  languages: readonly string[],
  dir: string,
): Problem[] {
  const all = [...dialogs.values()];
  return [
    ...missingLanguages(all, languages),
    ...unknownVariables(all),
    ...duplicateTriggers(all.flatMap((dialog) => dialog.triggers)),
    ...noFallback(all, dir),
  ];
}

function missingLanguages(dialogs: readonly CompiledDialog[], languages: readonly string[]): Problem[] {
  return dialogs.flatMap((dialog) =>
    dialog.texts.flatMap(({ languages: present, where }) => {
      const missing = languages.filter((language) => !present.includes(language));
      return missing.length === 0
        ? []
        : [{ where, what: `this text is missing in ${missing.join(', ')}; bridge.yaml lists these languages` }];
    }),
  );
}

/** All variables: given ones and those that any file writes (dialogs share them). */
function variableShapes(dialogs: readonly CompiledDialog[]): Map<string, Shape> {
  const shapes = new Map<string, Shape>(Object.entries(BUILT_IN));
  for (const { variable, shape } of dialogs.flatMap((dialog) => dialog.writes)) {
    const known = shapes.get(variable);
    // Two writers that disagree: nothing can be said about the inside.
    shapes.set(variable, known === undefined || JSON.stringify(known) === JSON.stringify(shape) ? shape : 'any');
  }
  return shapes;
}

function unknownVariables(dialogs: readonly CompiledDialog[]): Problem[] {
  const shapes = variableShapes(dialogs);
  return dialogs.flatMap((dialog) =>
    dialog.reads.flatMap(({ path, where, local }) => {
      const scope = Object.keys(local).length === 0 ? shapes : new Map([...shapes, ...Object.entries(local)]);
      const what = pathProblem(path, scope);
      return what === null ? [] : [{ where, what }];
    }),
  );
}

function duplicateTriggers(triggers: readonly Trigger[]): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, { where: string; dialog: string }>();
  const claim = (trigger: Trigger, key: string, where: string, what: string, within: boolean) => {
    // With a condition, two may take turns; with another priority, the winner is clear.
    const full = `${trigger.priority} ${trigger.when?.source ?? ''} ${trigger.urgent} ${key}`;
    const first = seen.get(full);
    if (first === undefined) seen.set(full, { where, dialog: trigger.dialog });
    else if (within || first.dialog !== trigger.dialog)
      problems.push({
        where,
        what: `${what} already stands at ${first.where}; remove one, or give one a higher priority`,
      });
  };
  for (const trigger of triggers) {
    switch (trigger.kind) {
      case 'phrases':
      case 'start':
        if (trigger.kind === 'start' && trigger.phrases.length === 0)
          claim(trigger, 'start', trigger.where, '"start: true"', true);
        for (const { phrase, written, where } of trigger.phrases)
          claim(trigger, `${trigger.kind} ${phrase.key}`, where, `the phrase "${written}"`, false);
        break;
      case 'message':
        for (const type of trigger.messageTypes)
          claim(trigger, `message ${type}`, trigger.where, `"message: ${type}"`, true);
        break;
      case 'fallback':
        claim(trigger, 'fallback', trigger.where, '"fallback: true"', true);
        break;
      case 'event':
        claim(trigger, `event ${trigger.event ?? ''}`, trigger.where, `"event: ${trigger.event ?? ''}"`, true);
        break;
    }
  }
  return problems;
}

function noFallback(dialogs: readonly CompiledDialog[], dir: string): Problem[] {
  const fallbacks = dialogs.flatMap((dialog) => dialog.triggers).filter((trigger) => trigger.kind === 'fallback');
  if (fallbacks.some((trigger) => trigger.when === undefined)) return [];
  const what =
    fallbacks.length === 0
      ? 'no dialog answers what nothing else understands; give one "on: {fallback: true}"'
      : 'every fallback has a condition ("when"), so some messages would get no answer; give one fallback none';
  return [{ where: `${fallbacks[0]?.where ?? `${dir}:1:1`}`, what }];
}
