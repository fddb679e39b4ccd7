// Waiting for what must come true, instead of sleeping and hoping. Limits are far beyond what a quiet machine needs: with
// other work beside it everything takes many times as long, and that is no fault of what is tested.

import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds. */
const PATIENCE_MS = 90_000;
const PAUSE_MS = 25;

/**
 * Calls `look` until it returns something other than undefined or false, and returns that.
 * @throws {Error} naming `what` after `withinMs`; a last error of `look` is its cause.
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = PATIENCE_MS,
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
    await sleep(PAUSE_MS);
  } while (performance.now() < deadline);
  throw new Error(`Not within ${withinMs} ms: ${what}`, { cause });
}

/** Repeats `check`, which is made of expectations, until none fails; its last failure is thrown in the end. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  let failure: unknown;
  const passed = await until("every expectation holds", async () => {
    try {
      return { result: await check() };
    } catch (error) {
      failure = error;
      return undefined;
    }
  }).catch(() => {
    throw failure;
  });
  return passed.result;
}
