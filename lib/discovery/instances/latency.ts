// How slow an instance has been lately: an average that jumps up with bad news and sinks back with time.
// Source: "peak EWMA" of Twitter Finagle (https://twitter.github.io/finagle/guide/Clients.html#p2c-peak-ewma).

import { defaultPolicy, type PolicySource } from "../settings/policy.ts";

/** Floor in milliseconds: below it differences are noise, and an instance not measured yet must not look free. */
const FLOOR_MS = 5;

export class Latency {
  #average = 0;
  #measuredAt = 0;
  #measured = false;
  readonly #policy: PolicySource;

  constructor(policy: PolicySource = defaultPolicy) {
    this.#policy = policy;
  }

  /** The average in milliseconds at `now`; it sinks while nothing is sent, so that a slow instance gets another chance. */
  at(now: number): number {
    if (!this.#measured) return FLOOR_MS;
    return Math.max(FLOOR_MS, this.#average * this.#kept(now));
  }

  /** The average as last measured; undefined when nothing was. */
  get measured(): number | undefined {
    return this.#measured ? this.#average : undefined;
  }

  succeeded(milliseconds: number, now: number): void {
    if (!this.#measured || milliseconds > this.#average) {
      this.#average = milliseconds;
    } else {
      // Under traffic each reply weighs little by time alone; a tenth lets an average recover within a few dozen replies.
      const weight = Math.min(this.#kept(now), 0.9);
      this.#average = this.#average * weight + milliseconds * (1 - weight);
    }
    this.#measuredAt = now;
    this.#measured = true;
  }

  /** Counts as slow, however soon it was known: failing fast must not look like being fast. */
  failed(milliseconds: number, now: number): void {
    this.succeeded(Math.max(this.#policy().failurePenaltyMs, milliseconds), now);
  }

  /** What is left at `now` of the weight of the past. */
  #kept(now: number): number {
    return Math.exp((this.#measuredAt - now) / this.#policy().latencyDecayMs);
  }
}
