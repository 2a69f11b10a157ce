import type { TextKey } from '../contracts/settings.ts';
import type { BridgeFile } from './bridge-schema.ts';
import type { CompiledDialog } from './compiled-dialog.ts';
import type { TriggerTable } from './trigger-table.ts';

/** All dialog files of a folder, checked and compiled: what a bot runs. Immutable. */
export interface DialogBundle {
  /** 12 hex digits over all files; another text, another version. */
  readonly version: string;
  /** By name. */
  readonly dialogs: ReadonlyMap<string, CompiledDialog>;
  readonly triggers: TriggerTable;
  /** `bridge.yaml` as written; `createBridgeSettings` makes settings of it. */
  readonly bridge: BridgeFile;
  /** Languages that every text must have. */
  readonly languages: readonly string[];
  /** The bridge's words with those of `bridge.yaml` laid over them. */
  text(key: TextKey, language: string): string[];
}
