// Rows of a range as the event emitter that dynalite's queries read, without the cost of a full stream per query.

import Stream from "node:stream";
import { setImmediate as othersTurn } from "node:timers/promises";
import type { PageEnd } from "./page-end.ts";

/** Where rows come from. They are decoded one by one: the reader may stop before the last that was fetched. */
export interface Source<R, T> {
  nextv(size: number): Promise<R[]>;
  decode(row: R): Decoded<T>;
  close(): Promise<void>;
}

export interface Decoded<T> {
  readonly item: T;
  /** How many bytes it was decoded from. */
  readonly size: number;
}

/** Most rows fetched at once. */
export const ROWS_AT_ONCE = 100;

/** After so many bytes it is the turn of other requests: a query of large items must not hold up those of small ones. */
export const BYTES_AT_ONCE = 64 * 1024;

/**
 * Emits `data` per row and `end`, or `error`. The reader stops it with `destroy()`, and the source is closed in any
 * case. It starts after the listeners of the current turn are attached. (dynalite's `lazy` knows a stream by its being
 * an instance of Node's legacy base class, hence `extends Stream`.)
 */
export class RowStream<R, T> extends Stream {
  readonly #page: PageEnd | undefined;
  #stopped = false;
  #pageEnded = false;
  #rows = 0;
  #bytes = 0;

  /**
   * @param limit how many rows the reader wants at most; -1: all.
   * @param page where it ends before the last row.
   */
  constructor(source: Source<R, T>, limit: number, page?: PageEnd) {
    super();
    this.#page = page;
    queueMicrotask(() => this.#run(source, limit));
  }

  destroy(): void {
    this.#stopped = true;
  }

  async #run(source: Source<R, T>, limit: number): Promise<void> {
    const size = limit > 0 ? Math.min(limit, ROWS_AT_ONCE) : ROWS_AT_ONCE;
    try {
      while (!this.#stopped && !this.#pageEnded) {
        const rows = await source.nextv(size);
        if (rows.length === 0) break;
        await this.#emitAll(source, rows);
      }
      if (!this.#stopped) this.emit("end");
    } catch (error) {
      this.emit("error", error);
    } finally {
      await source.close().catch(() => {});
    }
  }

  async #emitAll(source: Source<R, T>, rows: readonly R[]): Promise<void> {
    let othersAt = this.#bytes + BYTES_AT_ONCE;
    for (const row of rows) {
      if (this.#stopped) return;
      if (this.#endsPage()) return;
      const { item, size } = source.decode(row);
      this.#rows += 1;
      this.#bytes += size;
      this.emit("data", item);
      if (this.#bytes < othersAt) continue;
      othersAt = this.#bytes + BYTES_AT_ONCE;
      await othersTurn();
    }
  }

  /** Ends the page, if what was emitted fills it: there is another row. */
  #endsPage(): boolean {
    if (this.#page === undefined || this.#bytes < this.#page.bytes) return false;
    this.#page.endAfter(this.#rows);
    this.#pageEnded = true;
    return true;
  }
}
