import type { ArgsOf, OperationName, ResultOf } from './ops/registry.ts';

/** Runs operations, wherever the database is. Everything requested in one turn of the event loop shares one commit. */
export interface Caller {
  call<N extends OperationName>(name: N, args: ArgsOf<N>): Promise<ResultOf<N>>;
  /** What was requested before is carried out; later calls are refused. */
  close(): Promise<void>;
}
