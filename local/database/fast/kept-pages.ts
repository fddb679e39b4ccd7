// The index entries of pages that were read lately: whoever lists the same page again, as clients that wait for something do, needs no
// iterator of LevelDB's, which is a thread's work and half of what a page costs. Items themselves are always read anew.

import type { Level, Write } from "../level.ts";
import type { PageQuery } from "./query-shape.ts";

/** Most entries kept over all pages: about 5 MB. When there are more, all are given up. */
const MOST_ROWS = 20_000;

/** Proves that nothing was written between the begin of a read and its end. */
export type Mark = number;

/** The entries of one page, in its order. */
type Rows = readonly string[];

export class KeptPages {
  readonly #level: Pick<Level, "batch" | "clear" | "writeFailure">;
  /** By the hash key that a page is of, with its index; then by its range and limit. */
  readonly #pages = new Map<string, Map<string, Rows>>();
  #rows = 0;
  /** Counts what may have changed entries. */
  #changes = 0;
  /** Batches that are being written. */
  #underWay = 0;

  constructor(level: Pick<Level, "batch" | "clear" | "writeFailure">) {
    this.#level = level;
  }

  /** The entries of the page, if they are kept. */
  find(wanted: PageQuery): Rows | undefined {
    return this.#pages.get(wanted.part)?.get(nameOf(wanted));
  }

  /** To be taken before a page is read; undefined while it may be changing. */
  get mark(): Mark | undefined {
    return this.#underWay === 0 ? this.#changes : undefined;
  }

  /** Keeps the entries of a page that was read since `mark`, unless something was written since then. */
  keep(wanted: PageQuery, rows: Rows, mark: Mark | undefined): void {
    // A store that is about to be opened again may then have a write that had failed.
    if (mark === undefined || mark !== this.#changes || this.#level.writeFailure !== undefined) return;
    if (this.#rows + rows.length > MOST_ROWS) this.#forget();
    const pages = this.#pages.get(wanted.part) ?? new Map<string, Rows>();
    this.#pages.set(wanted.part, pages);
    pages.set(nameOf(wanted), rows);
    // One for the page itself: it takes room without any entry as well.
    this.#rows += rows.length + 1;
  }

  /** Writes to the level, and gives up the pages that it changes. */
  async batch(writes: Write[]): Promise<void> {
    this.#changes += 1;
    this.#underWay += 1;
    if (this.#pages.size > 0) for (const { key } of writes) this.#giveUp(key);
    try {
      await this.#level.batch(writes);
    } catch (error) {
      this.#forget();
      throw error;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Clears a range of the level, and gives up all pages. */
  async clear(range: Parameters<Level["clear"]>[0]): Promise<void> {
    this.#underWay += 1;
    try {
      await this.#level.clear(range);
    } finally {
      this.#underWay -= 1;
      this.#forget();
    }
  }

  #giveUp(key: string): void {
    const part = partOf(key);
    const pages = part === undefined ? undefined : this.#pages.get(part);
    if (part === undefined || pages === undefined) return;
    for (const rows of pages.values()) this.#rows -= rows.length + 1;
    this.#pages.delete(part);
  }

  #forget(): void {
    this.#changes += 1;
    this.#pages.clear();
    this.#rows = 0;
  }
}

/** What the key of an index entry begins with: its index and its hash key, see `hashPart`. Undefined for another key. */
function partOf(key: string): string | undefined {
  if (!key.startsWith("index-")) return undefined;
  return key.slice(0, key.indexOf("/", key.indexOf("/") + 1) + 1);
}

/** Of pages of the same part, different ones have different names. */
const nameOf = ({ range: { gt, gte, lt, lte, reverse, limit } }: PageQuery): string =>
  `${gt ?? ""} ${gte ?? ""} ${lt ?? ""} ${lte ?? ""} ${reverse} ${limit}`;
