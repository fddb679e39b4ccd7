// How much of a load is recorded. A development load is whole; nobody looks at a thousand traces a second, and recording all of them would
// cost more than what they show.

export interface Share {
  /** Where no more is asked for in a second, all is let through. */
  readonly all: number;
  /** Where more is asked for, so much of each second is let through. */
  readonly underLoad: number;
  /** After a quiet time so much at once. */
  readonly most: number;
}

/** Lets through what `share` says. */
export class Sampler {
  readonly #share: Share;
  readonly #monotonic: () => number;
  #left: number;
  #at: number;
  /** Asked for in the second that began at `#since`, and in the one before. */
  #asked = 0;
  #askedBefore = 0;
  #since: number;

  constructor(share: Share, monotonic: () => number = () => performance.now()) {
    this.#share = share;
    this.#monotonic = monotonic;
    this.#left = share.most;
    this.#at = monotonic();
    this.#since = this.#at;
  }

  /** `spare`: for others so much is left, and this is no load. */
  take(spare = 0): boolean {
    const now = this.#monotonic();
    this.#count(now, spare === 0 ? 1 : 0);
    const { all, underLoad, most } = this.#share;
    const perSecond = Math.max(this.#asked, this.#askedBefore) > all ? underLoad : all;
    this.#left = Math.min(most, this.#left + ((now - this.#at) / 1_000) * perSecond);
    this.#at = now;
    if (this.#left < 1 + spare) return false;
    this.#left -= 1;
    return true;
  }

  #count(now: number, one: number): void {
    const seconds = (now - this.#since) / 1_000;
    if (seconds >= 1) {
      this.#askedBefore = seconds < 2 ? this.#asked : 0;
      this.#asked = 0;
      this.#since = now;
    }
    this.#asked += one;
  }
}

/** Of traces that begin in a runtime. What fails or is slow is recorded anyway. */
export const TRACES: Share = { all: 60, underLoad: 5, most: 200 };
/** Of the requests in traces that are not recorded, those that failed or took so long are recorded alone. */
export const SLOW_MS = 1_000;
export const FAILED_OR_SLOW: Share = { all: 10, underLoad: 10, most: 100 };
/** Of orders whose writes are followed. */
export const ORDERS: Share = { all: 10, underLoad: 1, most: 30 };
