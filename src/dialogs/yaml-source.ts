import { isCollection, isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { Problem } from '../common/errors.ts';

/** Path into a file's content: `['steps', 2, 'options', 0, 'label']`. */
export type SourcePath = readonly (string | number)[];

/** One YAML file, read: its plain content and where each part of it stands. */
export interface YamlSource {
  /** As shown to people: `dialogs/greeting.yaml`. */
  file: string;
  content: unknown;
  /** `dialogs/greeting.yaml:3:5`, of the value at the path, or of the closest thing around it that exists. */
  at(path: SourcePath): string;
  /** The same of a key inside the map at the path. */
  atKey(path: SourcePath, key: string): string;
}

/** A dialog of 5,000 lines is about 250 KB; far more is not a dialog. */
const MAX_BYTES = 1024 * 1024;
/** Alias expansions: enough for anchors that people use, too few for a bomb. */
const MAX_ALIASES = 50;
/** Nesting that the recursive reader may meet. People reach about 15. */
const MAX_DEPTH = 60;

/** Reads one file; never throws for what stands in it. */
export function readYaml(file: string, bytes: Uint8Array): { source: YamlSource } | { problems: Problem[] } {
  const one = (what: string, where = `${file}:1:1`) => ({ problems: [{ where, what }] });
  if (bytes.length > MAX_BYTES) return one(`the file is larger than ${MAX_BYTES / 1024} KB; split the dialog`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return one('the file is not UTF-8; save it with the encoding "UTF-8" in your editor');
  }
  const deep = firstTooDeep(text);
  if (deep !== null) return one('nested too deeply; move a part into its own dialog and call it', `${file}:${deep}:1`);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: true,
    version: '1.2',
  });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => ({
        where: place(error.pos[0]),
        what: yamlHelp(error.code, error.message),
      })),
    };
  }
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    return one('too many aliases (*name); write the parts out');
  }
  const nodeAt = (path: SourcePath): Node | null => {
    let node: unknown = document.contents;
    for (const key of path) {
      if (!isCollection(node)) break;
      const inner: unknown = node.get(key, true);
      if (inner === undefined || inner === null) break;
      node = inner;
    }
    return (node ?? null) as Node | null;
  };
  return {
    source: {
      file,
      content,
      at: (path) => place(nodeAt(path)?.range?.[0] ?? 0),
      atKey(path, key) {
        const node = nodeAt(path);
        if (isMap(node)) {
          for (const pair of node.items) {
            if (isScalar(pair.key) && String(pair.key.value) === key) return place(pair.key.range?.[0] ?? 0);
          }
        }
        return place(node?.range?.[0] ?? 0);
      },
    },
  };
}

/** Line (from 1) of the first place nested too deeply, judged before the recursive parser sees it. */
function firstTooDeep(text: string): number | null {
  let line = 1;
  let flow = 0;
  let dashes = 0;
  let lineStart = true;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\n') {
      line += 1;
      dashes = 0;
      lineStart = true;
      continue;
    }
    if (char === '[' || char === '{') flow += 1;
    else if (char === ']' || char === '}') flow = Math.max(0, flow - 1);
    else if ((char === '-' || char === '?') && lineStart) dashes += 1;
    if (char !== ' ' && char !== '-' && char !== '?') lineStart = false;
    if (flow > MAX_DEPTH || dashes > MAX_DEPTH) return line;
    if (lineStart && char === ' ' && indentAt(text, i) > 4 * MAX_DEPTH) return line;
  }
  return null;
}

const indentAt = (text: string, i: number): number => i - text.lastIndexOf('\n', i);

function yamlHelp(code: string, message: string): string {
  const first = message.split('\n')[0] ?? message;
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab stands here; indent with spaces';
    case 'DUPLICATE_KEY':
      return 'this key stands twice in the same place; keep one of them';
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return `cannot be read as YAML (${first}); put texts that hold ": " in quotes`;
    default:
      return `cannot be read as YAML: ${first}; check indentation and quotes around this place`;
  }
}
