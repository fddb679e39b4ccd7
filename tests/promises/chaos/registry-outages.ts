// When the registry was away, from what looks at it have seen.

/** Epoch milliseconds. */
export interface Outage {
  /** From here on it may have been away. */
  readonly from: number;
  /** Here it answered again; infinite while it does not. */
  readonly until: number;
}

export class RegistryOutages {
  readonly #all: { readonly from: number; until: number }[] = [];
  #answeredAt: number;

  /** @param now when it answered. */
  constructor(now: number) {
    this.#answeredAt = now;
  }

  get all(): readonly Outage[] {
    return this.#all;
  }

  /** A look that began at `begun` ended at `now`, with or without an answer. */
  looked(begun: number, now: number, answered: boolean): void {
    if (!answered) this.#begins(this.#answeredAt);
    // An answer to what was sent before it went away says nothing.
    else if (begun > (this.#open?.from ?? Number.NEGATIVE_INFINITY)) {
      if (this.#open !== undefined) this.#open.until = now;
      this.#answeredAt = begun;
    }
  }

  /** It was killed. */
  killed(now: number): void {
    this.#begins(now);
  }

  get #open(): { readonly from: number; until: number } | undefined {
    const last = this.#all.at(-1);
    return last?.until === Number.POSITIVE_INFINITY ? last : undefined;
  }

  #begins(from: number): void {
    if (this.#open === undefined) this.#all.push({ from, until: Number.POSITIVE_INFINITY });
  }
}
