// Lets instances without heartbeats expire when their time has come, and subscribers that do not renew.

import { callAt, nextSecond } from "../../lib/core/call-at.ts";
import type { ServiceTable } from "./service-table.ts";
import type { Subscribers } from "./subscribers.ts";

/** Shortest time, in milliseconds: many instances that expire one after the other share a look. */
const TOGETHER_MS = 50;
/** Milliseconds: a longer pause of the registry itself does not count as missing heartbeats of its clients. */
const PAUSE_MS = 1_000;

export interface Expiry {
  stop(): void;
}

/**
 * Looks at `table` when the next instance expires, by 50 ms at most later, and at each whole second: a pause of this process is noticed by
 * a look that is late.
 */
export function expireInTime(
  table: Pick<ServiceTable, "sweep" | "forgive" | "expiresIn">,
  subscribers: Pick<Subscribers, "sweep">,
): Expiry {
  let stop = () => {};

  function arm(): void {
    const now = performance.now();
    const awaited = Math.min(now + Math.max(table.expiresIn(), TOGETHER_MS), nextSecond(now));
    stop = callAt(awaited, () => look(awaited));
  }

  function look(awaited: number): void {
    const pause = performance.now() - awaited;
    if (pause > PAUSE_MS) table.forgive(pause);
    table.sweep();
    subscribers.sweep();
    arm();
  }

  arm();
  return { stop: () => stop() };
}
