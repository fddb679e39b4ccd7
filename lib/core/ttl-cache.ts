// What a process remembers for a while: bounded in number and in time.

export interface TtlCacheOptions {
  /** Most entries; the one that was set longest ago makes room for a new one. */
  readonly limit: number;
  /** How long an entry counts unless it is set for another time, in milliseconds. */
  readonly ttl: number;
  /** Milliseconds that never jump; `performance.now()` unless a test or a simulation brings its own. */
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

  /** What was set for `key` last; undefined when there is nothing, its time is over, or it made room for others. */
  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#now() < entry.until) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** Remembers `value` for `ttl` milliseconds, in the place of what was set for `key` before. */
  set(key: string, value: V, ttl: number = this.#ttl): void {
    // Set anew, so that the entries stand in the order in which they were set.
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: this.#now() + ttl });
    if (this.#entries.size <= this.#limit) return;
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
