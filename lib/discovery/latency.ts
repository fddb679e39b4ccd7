// How slow an instance has been lately: an average that jumps up with bad news and sinks back with time.
// Source: "peak EWMA" of Twitter Finagle (https://twitter.github.io/finagle/guide/Clients.html#p2c-peak-ewma).

/** Time in which a past measurement loses 63% of its weight, in milliseconds. */
const DECAY_MS = 2_000;
/** Floor in milliseconds: below it differences are noise, and an instance not measured yet must not look free. */
const FLOOR_MS = 5;
/** What a failure counts as, in milliseconds: failing fast must not look like being fast. */
const PENALTY_MS = 1_000;

export class Latency {
  #average = 0;
  #measuredAt = 0;
  #measured = false;

  /** The average in milliseconds at `now`; it sinks while nothing is sent, so that a slow instance gets another chance. */
  at(now: number): number {
    if (!this.#measured) return FLOOR_MS;
    return Math.max(FLOOR_MS, this.#average * Math.exp((this.#measuredAt - now) / DECAY_MS));
  }

  /** The average as last measured; undefined when nothing was. */
  get measured(): number | undefined {
    return this.#measured ? this.#average : undefined;
  }

  succeeded(milliseconds: number, now: number): void {
    if (!this.#measured || milliseconds > this.#average) {
      this.#average = milliseconds;
    } else {
      const kept = Math.exp((this.#measuredAt - now) / DECAY_MS);
      // Under traffic each reply weighs little by time alone; a tenth lets an average recover within a few dozen replies.
      const weight = Math.min(kept, 0.9);
      this.#average = this.#average * weight + milliseconds * (1 - weight);
    }
    this.#measuredAt = now;
    this.#measured = true;
  }

  failed(milliseconds: number, now: number): void {
    this.succeeded(Math.max(PENALTY_MS, milliseconds), now);
  }
}
