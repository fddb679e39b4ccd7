// Rows of a range as the event emitter that dynalite's queries read, without the cost of a full stream per query.

import Stream from "node:stream";
import { setImmediate as othersTurn } from "node:timers/promises";

/** Where rows come from. They are decoded one by one: the reader may stop before the last that was fetched. */
export interface Source<R, T> {
  nextv(size: number): Promise<R[]>;
  decode(row: R): Decoded<T>;
  close(): Promise<void>;
}

export interface Decoded<T> {
  readonly item: T;
  /** How many characters it was decoded from. */
  readonly size: number;
}

/** Most rows fetched at once where the query has no limit; DynamoDB stops a page at 1 MB. */
const chunk = 100;

/** After so many characters it is the turn of other requests: a query of large items must not hold up those of small ones. */
const SIZE_AT_ONCE = 64 * 1024;

/**
 * Emits `data` per row and `end`, or `error`. The reader stops it with `destroy()`, and the source is closed in any
 * case. It starts after the listeners of the current turn are attached. (dynalite's `lazy` knows a stream by its being
 * an instance of Node's legacy base class, hence `extends Stream`.)
 */
export class RowStream<R, T> extends Stream {
  #stopped = false;

  /** @param limit how many rows the reader wants at most; -1: all. */
  constructor(source: Source<R, T>, limit: number) {
    super();
    queueMicrotask(() => this.#run(source, limit));
  }

  destroy(): void {
    this.#stopped = true;
  }

  async #run(source: Source<R, T>, limit: number): Promise<void> {
    const size = limit > 0 ? Math.min(limit, chunk) : chunk;
    try {
      while (!this.#stopped) {
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
    let done = 0;
    for (const row of rows) {
      if (this.#stopped) return;
      const { item, size } = source.decode(row);
      this.emit("data", item);
      done += size;
      if (done < SIZE_AT_ONCE) continue;
      done = 0;
      await othersTurn();
    }
  }
}
