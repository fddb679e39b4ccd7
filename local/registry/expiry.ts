// Lets instances without heartbeats expire when their time has come, and subscribers that do not renew.

import type { ServiceTable } from "./service-table.ts";
import type { Subscribers } from "./subscribers.ts";

/** Longest time between two looks, in milliseconds: a pause of this process is noticed by a look that is late. */
const LOOK_MS = 1_000;
/** Shortest time, in milliseconds: many instances that expire one after the other share a look. */
const TOGETHER_MS = 50;
/** Milliseconds: a longer pause of the registry itself does not count as missing heartbeats of its clients. */
const PAUSE_MS = 1_000;

export interface Expiry {
  stop(): void;
}

/**
 * Looks at `table` when the next instance expires, by 50 ms at most later, and once a second.
 */
export function expireInTime(
  table: Pick<ServiceTable, "sweep" | "forgive" | "expiresIn">,
  subscribers: Pick<Subscribers, "sweep">,
): Expiry {
  let timer: NodeJS.Timeout | undefined;

  function arm(): void {
    const wait = Math.min(Math.max(table.expiresIn(), TOGETHER_MS), LOOK_MS);
    const awaited = performance.now() + wait;
    timer = setTimeout(() => look(awaited), wait);
  }

  function look(awaited: number): void {
    const pause = performance.now() - awaited;
    if (pause > PAUSE_MS) table.forgive(pause);
    table.sweep();
    subscribers.sweep();
    arm();
  }

  arm();
  return { stop: () => clearTimeout(timer) };
}
