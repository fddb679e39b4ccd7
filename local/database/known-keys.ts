// Knows of most items that are not stored without asking LevelDB. Each new item is looked for before it is written, and each look
// that passes two files makes LevelDB merge the first of them a little sooner, though nothing was found: with many items stored
// this costs more than the writes themselves. See docs/decisions/003-storage.md.

import { setImmediate as othersTurn } from "node:timers/promises";
import { KeyFilter } from "./key-filter.ts";
import { ITEMS } from "./keyspace.ts";
import type { Level, Range, Rows, Snapshot, Write } from "./level.ts";

/** Keys read at once: a few milliseconds of a thread. */
const KEYS_AT_ONCE = 1_000;

/** `level`, which nobody else writes. The first write begins to read which items are stored; until that is done LevelDB is asked. */
export const withKnownKeys = (level: Level): Level => new LevelWithKnownKeys(level);

class LevelWithKnownKeys implements Level {
  readonly #level: Level;
  /** All items that were written since the start; with `#complete` all that are stored. */
  readonly #items = new KeyFilter();
  #complete = false;
  #reading: Promise<void> | undefined;
  #closed = false;

  constructor(level: Level) {
    this.#level = level;
  }

  get writeFailure(): string | undefined {
    return this.#level.writeFailure;
  }

  getSync(key: string, options?: { snapshot: Snapshot }): string | undefined {
    if (options !== undefined) return this.#level.getSync(key, options);
    return this.#isMissing(key) ? undefined : this.#level.getSync(key);
  }

  bytesSync(key: string, snapshot?: Snapshot): Buffer | undefined {
    if (snapshot !== undefined) return this.#level.bytesSync(key, snapshot);
    return this.#isMissing(key) ? undefined : this.#level.bytesSync(key);
  }

  batch(writes: Write[]): Promise<void> {
    // Before they are written, so that no item is ever stored and not known; one that is known and not stored does no harm.
    for (const { type, key } of writes) if (type === "put" && isItem(key)) this.#items.add(key);
    if (!this.#complete) this.#reading ??= this.#readStored();
    return this.#level.batch(writes);
  }

  values(range: Range & { snapshot?: Snapshot }): Rows<string> {
    return this.#level.values(range);
  }

  keys(range: Range): Rows<string> {
    return this.#level.keys(range);
  }

  iterator(range: Range & { snapshot?: Snapshot }): Rows<[string, string]> {
    return this.#level.iterator(range);
  }

  snapshot(): Snapshot {
    return this.#level.snapshot();
  }

  clear(range: Range): Promise<void> {
    return this.#level.clear(range);
  }

  async compact(): Promise<void> {
    await this.#level.compact?.();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reading;
    await this.#level.close();
  }

  /** Whether it is the key of an item that is not stored. */
  #isMissing(key: string): boolean {
    return this.#complete && isItem(key) && !this.#items.mayHave(key);
  }

  /** Reads which items are stored. When that fails, the next write begins again. */
  async #readStored(): Promise<void> {
    try {
      // The rows are those of now; whatever is written later is added when it is written.
      const rows = this.#level.keys({ gte: ITEMS, lt: `${ITEMS}\u{10ffff}` });
      try {
        for (let keys = await rows.nextv(KEYS_AT_ONCE); keys.length > 0; ) {
          if (this.#closed) return;
          for (const key of keys) this.#items.add(key);
          await othersTurn();
          keys = await rows.nextv(KEYS_AT_ONCE);
        }
      } finally {
        await rows.close();
      }
      this.#complete = true;
    } catch {
      // Nothing depends on it: LevelDB is asked as before.
    } finally {
      this.#reading = undefined;
    }
  }
}

const isItem = (key: string): boolean => key.startsWith(ITEMS);
