// Limits the work under way for each key, so that no user can occupy a whole process; the rest waits in line.

import { throttled } from "./domain-error.ts";

export interface TurnsOptions {
  /** Most pieces of work of one key that are under way at once. */
  readonly atOnce: number;
  /** Most that wait besides, for each key. */
  readonly waiting: number;
}

interface Line {
  running: number;
  /** Who waits, in the order in which they came: each is called when its turn has come. */
  readonly waiting: Set<() => void>;
}

/** Turns by key, such as a user's id. A key without work takes no room. */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #lines = new Map<string, Line>();

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /**
   * Does `work` when its turn has come. Rejects with the reason of `signal` when that is aborted before.
   * @throws {DomainError} throttled `too_many_at_once` when too many wait already.
   */
  async take<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const line = this.#line(key);
    if (line.running < this.#options.atOnce) line.running += 1;
    else await this.#turnIn(line, signal);
    try {
      return await work();
    } finally {
      this.#release(key, line);
    }
  }

  /** Keys that have work under way. */
  get size(): number {
    return this.#lines.size;
  }

  #line(key: string): Line {
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line: Line = { running: 0, waiting: new Set() };
    this.#lines.set(key, line);
    return line;
  }

  async #turnIn({ waiting }: Line, signal: AbortSignal): Promise<void> {
    if (waiting.size >= this.#options.waiting)
      throw throttled("too_many_at_once", "Too many of your requests are under way; wait for their replies.");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => {
      waiting.delete(begin);
      reject(signal.reason);
    };
    const begin = () => {
      waiting.delete(begin);
      signal.removeEventListener("abort", giveUp);
      resolve();
    };
    waiting.add(begin);
    signal.addEventListener("abort", giveUp, { once: true });
    await promise;
  }

  /** Gives the place of work that has ended to the next in line. */
  #release(key: string, line: Line): void {
    const [next] = line.waiting;
    if (next === undefined) line.running -= 1;
    else next();
    if (line.running === 0) this.#lines.delete(key);
  }
}
