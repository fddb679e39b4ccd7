// The last moments of listeners that are no longer registered: they serve on until nobody needs them.

import { setTimeout as sleep } from "node:timers/promises";
import type { Listener } from "./listeners.ts";

/** Peers learn of a deregistration within milliseconds; one that has not is served meanwhile. */
const NOTICE_MS = 200;
const LOOK_MS = 10;

/**
 * Resolves when `listeners` have answered all they were asked, 200 ms from now at the soonest and `limitMs` from now at
 * the latest.
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
