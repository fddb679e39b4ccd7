// Waits until listeners that are no longer registered have no more requests.

import { setTimeout as sleep } from "node:timers/promises";
import type { Listener } from "./listeners.ts";

/** Milliseconds in which peers receive the deregistration; requests that arrive until then are served. */
const NOTICE_MS = 200;
/** Longest wait, in milliseconds, for a balancer that has sent requests and may send more: where few come, none is met. */
const LEFT_OUT_WITHIN_MS = 5_000;
const LOOK_MS = 10;

/**
 * Resolves when `listeners` have answered all requests, and a balancer in front of them sends no more: not before 200 ms, and at
 * the latest after `limitMs`.
 */
export async function untilQuiet(
  listeners: readonly Pick<Listener, "underWay" | "leftOut">[],
  limitMs: number,
): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const passed = performance.now() - begun;
    const busy = passed < limitMs && listeners.some((one) => one.underWay() > 0);
    const chosen = passed < Math.min(LEFT_OUT_WITHIN_MS, limitMs) && listeners.some((one) => !one.leftOut());
    if (passed >= NOTICE_MS && !busy && !chosen) return;
    await sleep(LOOK_MS);
  }
}
