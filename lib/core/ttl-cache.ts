// A cache that is bounded in size and in time.

export interface TtlCacheOptions {
  /** Largest number of entries; a new one replaces the one that was set longest ago. */
  readonly limit: number;
  /** Lifetime of an entry in milliseconds, unless `set` is given another. */
  readonly ttl: number;
  /** Monotonic milliseconds; by default `performance.now()`. */
  readonly now?: () => number;
}

export class TtlCache<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly until: number }>();
  readonly #limit: number;
  readonly #ttl: number;
  readonly #now: () => number;

  constructor({ limit, ttl, now = () => performance.now() }: TtlCacheOptions) {
    this.#limit = limit;
    this.#ttl = ttl;
    this.#now = now;
  }

  /** The value set for `key`; undefined when there is none, or it has expired or was evicted. */
  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#now() < entry.until) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** Stores `value` for `ttl` milliseconds and replaces the value set for `key` before. */
  set(key: string, value: V, ttl: number = this.#ttl): void {
    // Deleted first, because a Map keeps the position of an existing key: entries must be ordered by when they were set.
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: this.#now() + ttl });
    if (this.#entries.size <= this.#limit) return;
    // Always a new iterator: one that is kept makes V8 keep every table that the Map has outgrown since, with its values.
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }
}
