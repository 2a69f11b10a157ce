/**
 * Asks again and again until the answer is something: `false`, `null` and `undefined` mean "not yet", and so does a rejection, whose message
 * stands in the error when the deadline passes. A check that throws `Error` synchronously or by rejection is asked again, too, unless the
 * thrown error is a {@link GiveUp}.
 */
export async function until<T>(
  what: string,
  check: () => T | Promise<T>,
  options: { deadlineMs?: number; everyMs?: number; also?: () => string } = {},
): Promise<Exclude<T, false | null | undefined>> {
  const { deadlineMs = 45_000, everyMs = 50 } = options;
  const endsAt = Date.now() + deadlineMs;
  let last = 'the answer was always "not yet"';
  for (;;) {
    try {
      const value = await check();
      if (value !== false && value !== null && value !== undefined)
        return value as Exclude<T, false | null | undefined>;
    } catch (thrown) {
      if (thrown instanceof GiveUp) throw thrown;
      last = thrown instanceof Error ? thrown.message : String(thrown);
    }
    if (Date.now() >= endsAt)
      throw new Error(
        `not within ${deadlineMs} ms: ${what} (${last})${options.also === undefined ? '' : `\n${options.also()}`}`,
      );
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Waiting is of no use any more. */
export class GiveUp extends Error {}
