// How many retries a caller may add to its traffic: a share of it and a few per second, so that retries can't multiply
// an overload. Source: Finagle's RetryBudget (https://twitter.github.io/finagle/guide/Clients.html#retries).

import { defaultPolicy, type PolicySource } from "../settings/policy.ts";

export interface RetryBudgetOptions {
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly policy?: PolicySource;
}

/** Unused retries stay available for this long, in seconds. */
const KEPT_S = 10;

export class RetryBudget {
  readonly #clock: () => number;
  readonly #policy: PolicySource;
  #balance: number;
  #countedAt: number;

  constructor({ clock, policy = defaultPolicy }: RetryBudgetOptions) {
    this.#clock = clock;
    this.#policy = policy;
    this.#balance = policy().retriesPerSecond * KEPT_S;
    this.#countedAt = clock();
  }

  /** Counts a new request (not a retry): it adds to the budget. */
  deposit(): void {
    this.#add(this.#policy().retryShare);
  }

  /** Takes one retry from the budget; false when none is left. */
  withdraw(): boolean {
    const now = this.#clock();
    this.#add(((now - this.#countedAt) / 1_000) * this.#policy().retriesPerSecond);
    this.#countedAt = now;
    if (this.#balance < 1) return false;
    this.#balance -= 1;
    return true;
  }

  #add(retries: number): void {
    this.#balance = Math.min(this.#policy().retriesPerSecond * KEPT_S, this.#balance + retries);
  }
}
