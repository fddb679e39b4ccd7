// Which traces of a runtime are recorded: the first ones of each second. Nobody looks at a thousand a second, and recording all would
// cost more than what they show.

/** Lets `perSecond` through, and after a quiet time up to `most` at once. */
export class PerSecond {
  readonly #perSecond: number;
  readonly #most: number;
  readonly #monotonic: () => number;
  #left: number;
  #at: number;

  constructor(perSecond: number, most: number, monotonic: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#most = most;
    this.#monotonic = monotonic;
    this.#left = most;
    this.#at = monotonic();
  }

  /** `spare`: for others so much is left. */
  take(spare = 0): boolean {
    const now = this.#monotonic();
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) / 1_000) * this.#perSecond);
    this.#at = now;
    if (this.#left < 1 + spare) return false;
    this.#left -= 1;
    return true;
  }
}

/** A development load, or the demo's, is recorded whole. */
export const TRACES = { perSecond: 40, most: 400 } as const;
/** Of the requests in traces that are not recorded, those that failed or took so long are recorded alone. */
export const SLOW_MS = 1_000;
export const FAILED_OR_SLOW = { perSecond: 10, most: 100 } as const;
