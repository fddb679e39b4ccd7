// Waiting for what comes true soon, without fixed sleeps.

import { setTimeout as sleep } from "node:timers/promises";

/** Repeats `check` until it does not throw; after `timeout` milliseconds its last failure is thrown. */
export async function eventually<T>(check: () => T | Promise<T>, timeout = 5_000): Promise<T> {
  const deadline = Date.now() + timeout;
  for (;;) {
    try {
      return await check();
    } catch (cause) {
      if (Date.now() > deadline) throw cause;
      await sleep(25);
    }
  }
}
