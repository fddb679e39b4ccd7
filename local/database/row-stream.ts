// Rows of a range as the event emitter that dynalite's queries read, without the cost of a full stream per query.

import Stream from "node:stream";

interface Source<T> {
  nextv(size: number): Promise<T[]>;
  close(): Promise<void>;
}

/** Most rows fetched at once where the query has no limit; DynamoDB stops a page at 1 MB. */
const chunk = 100;

/**
 * Emits `data` per row and `end`, or `error`. The reader stops it with `destroy()`, and the source is closed in any
 * case. It starts after the listeners of the current turn are attached. (dynalite's `lazy` knows a stream by its being
 * an instance of Node's legacy base class, hence `extends Stream`.)
 */
export class RowStream<T> extends Stream {
  #stopped = false;

  /** @param limit how many rows the reader wants at most; -1: all. */
  constructor(source: Source<T>, limit: number, closed: () => void = () => {}) {
    super();
    queueMicrotask(() => this.#run(source, limit, closed));
  }

  destroy(): void {
    this.#stopped = true;
  }

  async #run(source: Source<T>, limit: number, closed: () => void): Promise<void> {
    const size = limit > 0 ? Math.min(limit, chunk) : chunk;
    try {
      while (!this.#stopped) {
        const rows = await source.nextv(size);
        if (rows.length === 0) break;
        for (const row of rows) {
          if (this.#stopped) break;
          this.emit("data", row);
        }
      }
      if (!this.#stopped) this.emit("end");
    } catch (error) {
      this.emit("error", error);
    } finally {
      await source.close().catch(() => {});
      closed();
    }
  }
}
