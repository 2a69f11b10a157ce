import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { coerceError, DialogFileError, type Problem } from '../common/errors.ts';
import { type BridgeFile, bridgeSchema, languagesOf } from './bridge-schema.ts';
import { createBridgeTexts } from './bridge-texts.ts';
import { checkBundle } from './check-bundle.ts';
import { checkGraph } from './check-graph.ts';
import { compileDialog } from './compile-dialog.ts';
import type { CompiledDialog } from './compiled-dialog.ts';
import type { DialogBundle } from './dialog-bundle.ts';
import { linkTargets } from './link-targets.ts';
import { problemsOfIssues, sortProblems } from './problems.ts';
import { NAME_PATTERN } from './schema-parts.ts';
import type { StepDefinition } from './step-contract.ts';
import { createStepRegistry, type StepRegistry } from './step-registry.ts';
import { TriggerTable } from './trigger-table.ts';
import { readYaml } from './yaml-source.ts';

export interface LoadOptions {
  /** Step kinds from outside, beside the built-in ones. */
  steps?: readonly StepDefinition[];
}

const BRIDGE_FILE = 'bridge.yaml';

/** Files by name, as they stand on disk: `{ 'greeting.yaml': bytes }`. */
export type DialogFiles = ReadonlyMap<string, Uint8Array>;

/** Reads a folder. Throws {@link DialogFileError} with every problem; nothing is loaded by halves. */
export async function loadDialogs(dir: string, options: LoadOptions = {}): Promise<DialogBundle> {
  const read = await readFolder(dir);
  if ('problems' in read) throw new DialogFileError(read.problems);
  const { bundle, problems } = compileFiles(read.files, basename(dir), options);
  if (problems.length > 0) throw new DialogFileError(problems);
  return bundle;
}

/** Every problem in the folder, by file and line; empty when it can be started. Never throws for what stands in files. */
export async function checkDialogs(dir: string, options: LoadOptions = {}): Promise<Problem[]> {
  const read = await readFolder(dir);
  return 'problems' in read ? read.problems : compileFiles(read.files, basename(dir), options).problems;
}

/** The same without a disk. `label` stands before file names in problems. */
export function compileFiles(
  files: DialogFiles,
  label: string,
  options: LoadOptions = {},
): { bundle: DialogBundle; problems: Problem[] } {
  const registry = createStepRegistry(options.steps);
  const problems: Problem[] = [];
  const version = createHash('sha256');
  const dialogs = new Map<string, CompiledDialog>();
  let bridge: BridgeFile = {};
  for (const fileName of [...files.keys()].sort()) {
    const bytes = files.get(fileName) ?? new Uint8Array();
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    version.update(`${fileName} ${hash}\n`);
    const shown = `${label}/${fileName}`;
    if (fileName === BRIDGE_FILE) bridge = readBridge(shown, bytes, problems);
    else {
      const dialog = readDialog(shown, fileName, bytes, hash, registry, problems);
      if (dialog !== undefined) dialogs.set(dialog.name, dialog);
    }
  }
  if (dialogs.size === 0 && problems.length === 0)
    problems.push({
      where: label,
      what: 'there is no dialog here; write one, for example greeting.yaml (see dialogs/README.md)',
    });
  problems.push(...linkTargets(dialogs));
  // What depends on other files is judged even when one of them is broken: an operator mends everything in one go.
  const languages = languagesOf(bridge);
  if (dialogs.size > 0) problems.push(...checkBundle(dialogs, languages, label), ...checkGraph(dialogs));
  return {
    bundle: {
      version: version.digest('hex').slice(0, 12),
      dialogs,
      triggers: new TriggerTable(dialogs.values()),
      bridge,
      languages,
      text: createBridgeTexts(bridge.texts),
    },
    problems: sortProblems(problems),
  };
}

function readDialog(
  shown: string,
  fileName: string,
  bytes: Uint8Array,
  hash: string,
  registry: StepRegistry,
  problems: Problem[],
): CompiledDialog | undefined {
  const name = fileName.slice(0, -'.yaml'.length);
  if (!NAME_PATTERN.test(name)) {
    problems.push({
      where: `${shown}:1:1`,
      what: 'name the file in small letters, digits, - and _, such as where-is-my-order.yaml',
    });
    return undefined;
  }
  const read = readYaml(shown, bytes);
  if ('problems' in read) {
    problems.push(...read.problems);
    return undefined;
  }
  return compileDialog({ name, hash, source: read.source }, registry, problems);
}

function readBridge(shown: string, bytes: Uint8Array, problems: Problem[]): BridgeFile {
  const read = readYaml(shown, bytes);
  if ('problems' in read) {
    problems.push(...read.problems);
    return {};
  }
  // An empty file is allowed: all keys are optional.
  const parsed = bridgeSchema.safeParse(read.source.content ?? {});
  if (parsed.success) return parsed.data;
  problems.push(...problemsOfIssues(parsed.error.issues, read.source, []));
  return {};
}

/** `*.yaml` of the folder itself; `knowledge/` and `tests/` are read by others. */
async function readFolder(dir: string): Promise<{ files: Map<string, Uint8Array> } | { problems: Problem[] }> {
  const label = basename(dir);
  let names: string[];
  try {
    names = (await readdir(dir)).sort();
  } catch (thrown) {
    const code = errorCode(thrown);
    const what = code === 'ENOENT' ? 'there is no such folder; set DIALOGS_DIR' : `the folder cannot be read (${code})`;
    return { problems: [{ where: dir, what }] };
  }
  const files = new Map<string, Uint8Array>();
  const problems: Problem[] = [];
  for (const name of names) {
    if (name.startsWith('.')) continue;
    const isYaml = /\.ya?ml$/i.test(name);
    if (!isYaml) continue;
    const path = join(dir, name);
    try {
      if (!(await stat(path)).isFile()) continue;
      if (!name.endsWith('.yaml'))
        problems.push({
          where: `${label}/${name}`,
          what: 'rename the file so that it ends in .yaml; otherwise it is not read',
        });
      else files.set(name, await readFile(path));
    } catch (thrown) {
      problems.push({ where: `${label}/${name}`, what: `the file cannot be read (${errorCode(thrown)})` });
    }
  }
  return problems.length > 0 ? { problems } : { files };
}

const errorCode = (thrown: unknown): string => {
  const error = coerceError(thrown);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};
