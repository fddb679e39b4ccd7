// Clock, timers and randomness of the language itself, virtual while a history runs. No turn of the event loop happens in
// between, so nobody else ever sees them.

import { seededRandom } from "../../../tools/own-system/random.ts";
import type { Scheduled, Scheduler } from "./scheduler.ts";

/** Runs `work` with `Date.now`, `performance.now`, timers and random numbers taken from `scheduler` and `seed`. */
export async function inVirtualTime<T>(
  scheduler: Scheduler,
  seed: number,
  work: () => Promise<T>,
): Promise<T> {
  const random = seededRandom(seed);
  const cancel = (event: Scheduled | undefined): void => {
    if (event) event.cancelled = true;
  };
  const restore = [
    replace(Date, "now", () => scheduler.clock()),
    // Of no use to another process, and never set: the true time will do.
    replace(performance, "now", () => scheduler.now),
    replace(Math, "random", random),
    // Most errors here are planted, and a stack costs more than all else in a refusal.
    replace(Error, "stackTraceLimit", 0),
    replace(globalThis, "setTimeout", (run: () => void, delay = 0) => {
      const timer = scheduler.after(delay, scheduler.current, run);
      return Object.assign(timer, { unref: () => timer });
    }),
    replace(globalThis, "setImmediate", (run: () => void) => scheduler.after(0, scheduler.current, run)),
    replace(globalThis, "clearTimeout", cancel),
    replace(globalThis, "clearImmediate", cancel),
    replace(globalThis.crypto, "getRandomValues", (bytes: Uint8Array) => {
      for (let i = 0; i < bytes.length; i += 1) bytes[i] = Math.floor(random() * 256);
      return bytes;
    }),
  ];
  try {
    return await work();
  } finally {
    for (const undo of restore) undo();
  }
}

function replace(owner: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(owner, name, before);
    else Reflect.deleteProperty(owner, name);
  };
}
