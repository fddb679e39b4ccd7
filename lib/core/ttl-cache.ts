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
  /** Kept from call to call, since every entry before its position is deleted: a new iterator would skip their remains one by one. */
  #inOrder = this.#entries.keys();
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
    if (this.#entries.size > this.#limit) this.#deleteOldest();
  }

  #deleteOldest(): void {
    let oldest = this.#inOrder.next();
    // A finished iterator stays finished, also when entries are added.
    if (oldest.done) {
      this.#inOrder = this.#entries.keys();
      oldest = this.#inOrder.next();
    }
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }
}
