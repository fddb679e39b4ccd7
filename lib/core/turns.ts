// Limits the work under way for each key, so that no user can occupy a whole process; the rest waits in line.

import { throttled } from "./domain-error.ts";

export interface TurnsOptions {
  /** Pieces of work of one key that may always be under way at once. */
  readonly atOnce: number;
  /** Most of them at once, while they are small. */
  readonly mostAtOnce: number;
  /** As many as are together not larger than this are small. In the unit of the sizes that {@link Turns.take} is given. */
  readonly small: number;
  /** Most that wait besides, for each key. */
  readonly waiting: number;
}

interface Line {
  running: number;
  /** How many may be under way now. */
  atOnce: number;
  /** Who waits, in the order in which they came: each is called when its turn has come. */
  readonly waiting: Set<() => void>;
}

/**
 * Turns by key, such as a user's id. How large a piece of work is shows when it has ended: each small one lets one more be under
 * way at once, and a large one takes that back. A key without work takes no room.
 */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #lines = new Map<string, Line>();

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /**
   * Does `work` when its turn has come; `sizeOf` says of its result how large it was. Rejects with the reason of `signal` when
   * that is aborted before.
   * @throws {DomainError} throttled `too_many_at_once` when too many wait already.
   */
  async take<T>(
    key: string,
    signal: AbortSignal,
    work: () => Promise<T>,
    sizeOf: (result: T) => number,
  ): Promise<T> {
    signal.throwIfAborted();
    const line = this.#line(key);
    if (line.running < line.atOnce) line.running += 1;
    else await this.#turnIn(line, signal);
    try {
      const result = await work();
      line.atOnce = this.#atOnceAfter(line, sizeOf(result));
      return result;
    } finally {
      this.#release(key, line);
    }
  }

  /** Keys that have work under way. */
  get size(): number {
    return this.#lines.size;
  }

  /** How much of one key is under way and waits. */
  lineOf(key: string): { readonly running: number; readonly waiting: number } {
    const line = this.#lines.get(key);
    return { running: line?.running ?? 0, waiting: line?.waiting.size ?? 0 };
  }

  #line(key: string): Line {
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line: Line = { running: 0, atOnce: this.#options.atOnce, waiting: new Set() };
    this.#lines.set(key, line);
    return line;
  }

  #atOnceAfter(line: Line, size: number): number {
    const { atOnce, mostAtOnce, small } = this.#options;
    const fit = Math.floor(small / Math.max(1, size));
    return Math.max(atOnce, Math.min(line.atOnce + 1, fit, mostAtOnce));
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

  /** Gives the place of work that has ended to the next in line, and further places that there are now. */
  #release(key: string, line: Line): void {
    line.running -= 1;
    for (const begin of line.waiting) {
      if (line.running >= line.atOnce) break;
      line.running += 1;
      begin();
    }
    if (line.running === 0) this.#lines.delete(key);
  }
}
