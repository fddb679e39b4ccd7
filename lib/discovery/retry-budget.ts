// How many retries a caller may add to its traffic: a share of it and a few per second, so that retries can't multiply
// an overload. Source: Finagle's RetryBudget (https://twitter.github.io/finagle/guide/Clients.html#retries).

export interface RetryBudgetOptions {
  /** Milliseconds; need not be of the day. */
  readonly clock: () => number;
  /** Retries per request. */
  readonly share?: number;
  /** Retries allowed without any traffic. */
  readonly perSecond?: number;
}

/** Unused allowance is kept for this long, in seconds. */
const KEPT_S = 10;

export class RetryBudget {
  readonly #clock: () => number;
  readonly #share: number;
  readonly #perSecond: number;
  readonly #limit: number;
  #balance: number;
  #countedAt: number;

  constructor({ clock, share = 0.2, perSecond = 10 }: RetryBudgetOptions) {
    this.#clock = clock;
    this.#share = share;
    this.#perSecond = perSecond;
    this.#limit = perSecond * KEPT_S;
    this.#balance = this.#limit;
    this.#countedAt = clock();
  }

  /** Counts a request (not its retries). */
  deposit(): void {
    this.#balance = Math.min(this.#limit, this.#balance + this.#share);
  }

  /** True when a retry is allowed; it is then paid for. */
  withdraw(): boolean {
    const now = this.#clock();
    this.#balance = Math.min(
      this.#limit,
      this.#balance + ((now - this.#countedAt) / 1_000) * this.#perSecond,
    );
    this.#countedAt = now;
    if (this.#balance < 1) return false;
    this.#balance -= 1;
    return true;
  }
}
