import { z } from 'zod';

/**
 * One switched-on fault. Example: accept a send, then answer "internal error" once:
 * `{ endpoint: 'messages.send', times: 1, afterEffect: true, code: 36009003 }`.
 */
export const faultSchema = z.strictObject({
  /** Name of an endpoint (the simulators list theirs under `GET /_control/endpoints`), or `*`. */
  endpoint: z.string().min(1),
  /** How many calls it hits; left out: until cleared. */
  times: z.number().int().positive().optional(),
  /** Calls that pass first. */
  skip: z.number().int().nonnegative().optional(),
  delayMs: z.number().int().nonnegative().optional(),
  /** HTTP status; with no `code` the body is empty. */
  status: z.number().int().min(200).max(599).optional(),
  /** The platform's code in the body. */
  code: z.number().int().optional(),
  message: z.string().optional(),
  /** Seconds, sent as `retry-after`. */
  retryAfterSec: z.number().nonnegative().optional(),
  /** Cut the connection instead of answering. */
  drop: z.boolean().optional(),
  /** Carry the call out first, then answer as above: the caller cannot know. */
  afterEffect: z.boolean().optional(),
});
export type Fault = z.infer<typeof faultSchema>;

export interface FaultBoard {
  set(fault: Fault): void;
  clear(endpoint?: string): void;
  list(): Fault[];
  /** The first fault that hits this call, counted. */
  take(endpoint: string): Fault | undefined;
}

export function createFaultBoard(): FaultBoard {
  let faults: Fault[] = [];
  return {
    set(fault) {
      faults.push({ ...fault });
    },
    clear(endpoint) {
      faults = endpoint === undefined ? [] : faults.filter((fault) => fault.endpoint !== endpoint);
    },
    list: () => faults.map((fault) => ({ ...fault })),
    take(endpoint) {
      for (const fault of faults) {
        if (fault.endpoint !== '*' && fault.endpoint !== endpoint) continue;
        if (fault.skip !== undefined && fault.skip > 0) {
          fault.skip -= 1;
          continue;
        }
        if (fault.times !== undefined) {
          fault.times -= 1;
          if (fault.times <= 0) faults = faults.filter((other) => other !== fault);
        }
        return fault;
      }
      return undefined;
    },
  };
}

/** True when the fault answers in place of the endpoint; a bare delay does not. */
export const faultAnswers = (fault: Fault): boolean =>
  fault.drop === true || fault.code !== undefined || fault.status !== undefined;
