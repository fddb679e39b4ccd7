// Recent latency of an instance: a peak average, which rises at once with a slow reply and decays with time.
// Source: "peak EWMA" of Twitter Finagle (https://twitter.github.io/finagle/guide/Clients.html#p2c-peak-ewma).

import { defaultPolicy, type PolicySource } from "../settings/policy.ts";

/** Lower limit in milliseconds: differences below it are noise, and an instance without measurements must not look idle. */
const FLOOR_MS = 5;

export class Latency {
  #average = 0;
  #measuredAt = 0;
  #measured = false;
  readonly #policy: PolicySource;

  constructor(policy: PolicySource = defaultPolicy) {
    this.#policy = policy;
  }

  /** The average in milliseconds at `now`. It decays while nothing is sent, so that a slow instance gets traffic again. */
  at(now: number): number {
    if (!this.#measured) return FLOOR_MS;
    return Math.max(FLOOR_MS, this.#average * this.#kept(now));
  }

  /** The average at the last measurement; undefined before the first. */
  get measured(): number | undefined {
    return this.#measured ? this.#average : undefined;
  }

  succeeded(milliseconds: number, now: number): void {
    if (!this.#measured || milliseconds > this.#average) {
      this.#average = milliseconds;
    } else {
      // With much traffic each reply has little weight by time alone; a tenth lets the average recover in a few dozen replies.
      const weight = Math.min(this.#kept(now), 0.9);
      this.#average = this.#average * weight + milliseconds * (1 - weight);
    }
    this.#measuredAt = now;
    this.#measured = true;
  }

  /** Records a failure as a slow reply, even if it came quickly: failing fast must not look like being fast. */
  failed(milliseconds: number, now: number): void {
    this.succeeded(Math.max(this.#policy().failurePenaltyMs, milliseconds), now);
  }

  /** The weight of past measurements at `now`, 0 to 1. */
  #kept(now: number): number {
    return Math.exp((this.#measuredAt - now) / this.#policy().latencyDecayMs);
  }
}
