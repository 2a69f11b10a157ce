export type { BridgeFile, BridgeLayer } from './bridge-schema.ts';
export type { CompiledDialog, Trigger } from './compiled-dialog.ts';
export { createDialogBot, type DialogBotOptions } from './dialog-bot.ts';
export type { DialogBundle } from './dialog-bundle.ts';
export { openingState } from './hours.ts';
export { dialogJsonSchema } from './json-schema.ts';
export { checkDialogs, compileFiles, type DialogFiles, type LoadOptions, loadDialogs } from './load-dialogs.ts';
export { createBridgeSettings, layersFor, type SettingsDefaults } from './settings.ts';
export {
  type Branch,
  defineStep,
  NEXT,
  type SchemaParts,
  type StepCode,
  type StepCompiler,
  type StepDefinition,
  type StepResult,
  type StepTurn,
  type Target,
  UNFIT,
  WAIT,
} from './step-contract.ts';
