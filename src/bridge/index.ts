export { BridgeAdapter, TURN_STORAGE } from './bridge-adapter.ts';
export { createDeliveryMemory } from './deliver.ts';
export { createDispatcher, type Dispatcher } from './dispatcher.ts';
export { createIngest, type Ingest } from './ingest.ts';
export { createRecovery, type Recovery } from './recovery.ts';
