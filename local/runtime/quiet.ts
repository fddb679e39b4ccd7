// Waits until listeners that are no longer registered have no more requests.

import { setTimeout as sleep } from "node:timers/promises";
import type { Listener } from "./listeners.ts";

/** Milliseconds in which peers receive the deregistration; requests that arrive until then are served. */
const NOTICE_MS = 200;
const LOOK_MS = 10;

/**
 * Resolves when `listeners` have answered all requests: not before 200 ms, and at the latest after `limitMs`.
 */
export async function untilQuiet(
  listeners: readonly Pick<Listener, "underWay">[],
  limitMs: number,
): Promise<void> {
  const begun = performance.now();
  const passed = () => performance.now() - begun;
  while (passed() < NOTICE_MS || (listeners.some((one) => one.underWay() > 0) && passed() < limitMs)) {
    await sleep(LOOK_MS);
  }
}
