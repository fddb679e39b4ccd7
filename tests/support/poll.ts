// Waiting for what must come true, instead of sleeping and hoping.

import { setTimeout as sleep } from "node:timers/promises";

/**
 * Calls `look` until it returns something other than undefined or false, and returns that.
 * @throws {Error} naming `what` after `withinMs`; a last error of `look` is its cause.
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  let cause: unknown;
  do {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(25);
  } while (performance.now() < deadline);
  throw new Error(`Not within ${withinMs} ms: ${what}`, { cause });
}
