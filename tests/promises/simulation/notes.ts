// What a simulation records: broken promises, counts, and the events line by line.

import type { Promised } from "../../../tools/promises/promised.ts";
import type { Scheduler } from "./scheduler.ts";
import { START } from "./terms.ts";

/** A promise that was broken. */
export interface Violation {
  /**
   * One of the promises, `settled` for work that does not end, `steps` for a step that no rule has, `push` for a notification
   * that is not pushed as its user wants it, or `webhook` for an event that does not come to a webhook once and in order.
   */
  readonly promise: Promised | "settled" | "steps" | "push" | "webhook";
  readonly text: string;
}

/** How much happened; `acknowledged` are requests that were answered by 2xx. */
const COUNTED = ["requests", "acknowledged", "writes", "faults", "deaths", "captures"] as const;

export type Tally = Record<(typeof COUNTED)[number], number>;

export const noTally = (): Tally => ({
  requests: 0,
  acknowledged: 0,
  writes: 0,
  faults: 0,
  deaths: 0,
  captures: 0,
});

export function addTo(total: Tally, more: Tally): void {
  for (const what of COUNTED) total[what] += more[what];
}

export class Notes {
  readonly scheduler: Scheduler;
  readonly violations: Violation[] = [];
  readonly trace: string[] = [];
  readonly tally = noTally();
  /** While true, only what is broken is noted. */
  muted = false;
  readonly #traced: boolean;

  constructor(scheduler: Scheduler, traced: boolean) {
    this.scheduler = scheduler;
    this.#traced = traced;
  }

  /** Writes a line of the history, if anybody will read it. */
  note(text: () => string): void {
    if (this.#traced && !this.muted) this.#line(text());
  }

  /** Notes that a call of a port goes wrong, and how. */
  fault(what: string, how: string): void {
    this.tally.faults += 1;
    this.note(() => `${what}: ${how}`);
  }

  broken(promise: Violation["promise"], text: string): void {
    this.violations.push({ promise, text });
    if (this.#traced) this.#line(`BROKEN ${promise}: ${text}`);
  }

  #line(text: string): void {
    const seconds = ((this.scheduler.now - START) / 1_000).toFixed(3).padStart(9);
    this.trace.push(`${seconds}  ${text}`);
  }
}
