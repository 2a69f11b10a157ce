import type { MessagePart } from '../contracts/message.ts';
import type { Origin } from '../contracts/outbound.ts';
import type { TextKey } from '../contracts/settings.ts';
import { fitParts } from './part-text.ts';
import type { TurnScope } from './turn-scope.ts';

/** Puts a part into the buyer's outbox in the form that the channel can carry. Variants only help a single text. */
export function sayPart(
  scope: TurnScope,
  part: MessagePart,
  origin: Origin,
  variants: string[] = [],
  agentName?: string,
): number {
  const pieces = fitParts(part, scope.channel.capabilities);
  for (const piece of pieces) {
    scope.draft.ask(
      agentName === undefined ? { kind: 'message', part: piece } : { kind: 'message', part: piece, agentName },
      {
        side: 'buyer',
        origin,
        variants: pieces.length === 1 ? variants : [],
        mergeable: piece.type === 'text' && origin === 'agent',
      },
    );
  }
  return pieces.length;
}

/** The bridge's own words, in the conversation's language. */
export function sayText(scope: TurnScope, key: TextKey, values: Record<string, string | number> = {}): void {
  const templates = scope.texts(key, scope.language());
  const complete = templates.filter((template) => !lacksValue(template, values));
  const filled = (complete.length > 0 ? complete : templates)
    .map((template) => fill(template, values))
    .filter((text) => text.trim() !== '');
  const [first, ...others] = filled;
  if (first !== undefined) sayPart(scope, { type: 'text', text: first }, 'bridge', others);
}

/** True when the template names a value that is not known now; a variant without it is said instead. */
const lacksValue = (template: string, values: Record<string, string | number>): boolean =>
  [...template.matchAll(/\{(\w+)\}/gu)].some((match) => String(values[match[1] ?? ''] ?? '') === '');

const fill = (template: string, values: Record<string, string | number>): string =>
  template.replace(/\{(\w+)\}/gu, (whole, name: string) => (name in values ? String(values[name]) : whole));
