// The rate limit: a token bucket for each client.
// Source: Amazon API Gateway, "Throttle requests" (token bucket with a rate and a burst).

interface Bucket {
  tokens: number;
  countedAt: number;
}

/** Largest number of clients; the least recently seen are dropped, and start with a full bucket again. */
const MAX_CLIENTS = 10_000;

export class RateLimit {
  readonly #perSecond: number;
  readonly #clock: () => number;
  /** Ordered by when the clients were last seen. */
  readonly #buckets = new Map<string, Bucket>();

  /** Allows each client `perSecond` requests, and bursts of as many; `clock` in milliseconds. */
  constructor(perSecond: number, clock: () => number) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Counts a request of `client`. Returns 0 when it is allowed, else the seconds until the next one is. */
  take(client: string): number {
    const now = this.#clock();
    const bucket = this.#buckets.get(client) ?? { tokens: this.#perSecond, countedAt: now };
    const gained = ((now - bucket.countedAt) / 1_000) * this.#perSecond;
    bucket.tokens = Math.min(this.#perSecond, bucket.tokens + gained);
    bucket.countedAt = now;
    this.#remember(client, bucket);
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / this.#perSecond);
    bucket.tokens -= 1;
    return 0;
  }

  #remember(client: string, bucket: Bucket): void {
    this.#buckets.delete(client);
    this.#buckets.set(client, bucket);
    if (this.#buckets.size <= MAX_CLIENTS) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
