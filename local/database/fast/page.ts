// The page that a query gathers, and its reply.

import type { Body } from "../body.ts";
import { sizeInPage } from "../dynalite.ts";
import type { Item } from "../item.ts";
import { bytesOfPage, READ_BYTES } from "../page-end.ts";
import type { PageQuery } from "./query-shape.ts";

export class Page {
  readonly #wanted: PageQuery;
  readonly #whole: Buffer[] = [];
  readonly #parts: string[] = [];
  readonly #longest: number;
  #last: Buffer | undefined;
  #bytes = 0;
  /** What dynalite counts, or more. */
  #size = 0;
  #followed = false;

  constructor(wanted: PageQuery) {
    this.#wanted = wanted;
    this.#longest = bytesOfPage(wanted.names !== undefined);
  }

  /** Bytes of what was read for it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether it ends here, whatever follows. */
  get ended(): boolean {
    return this.#followed || this.#count === this.#wanted.limit;
  }

  get #count(): number {
    return this.#wanted.names === undefined ? this.#whole.length : this.#parts.length;
  }

  /** Adds the next row, the JSON of an item or of a copy of its keys, unless those before it fill the page. */
  add(row: Buffer): void {
    if (this.#bytes >= this.#longest) {
      this.#followed = true;
      return;
    }
    this.#bytes += row.length;
    this.#last = row;
    const { names } = this.#wanted;
    if (names === undefined) {
      this.#size += largestSize(row);
      this.#whole.push(row);
    } else {
      const item: Item = JSON.parse(row.toString());
      this.#size += sizeInPage(item);
      this.#parts.push(JSON.stringify(Object.fromEntries(names.map((name) => [name, item[name]]))));
    }
  }

  /** The reply; undefined when dynalite may end the page earlier, by its own count. */
  reply(): Body | undefined {
    if (this.#size >= READ_BYTES) return undefined;
    const count = this.#count;
    const next =
      this.ended && this.#last !== undefined ? `"LastEvaluatedKey":${this.#keyOf(this.#last)},` : "";
    const before = `{"ScannedCount":${count},${next}"Count":${count},"Items":[`;
    if (this.#wanted.names !== undefined) return `${before}${this.#parts.join(",")}]}`;
    return joined(before, this.#whole, "]}");
  }

  #keyOf(row: Buffer): string {
    const { table, index } = this.#wanted;
    const last: Item = JSON.parse(row.toString());
    return JSON.stringify(
      Object.fromEntries([table.key, index.hash, index.range].map((name) => [name, last[name]])),
    );
  }
}

/** No item of this JSON is larger by dynalite's count for pages, which adds 18 bytes for every 3,072. */
const largestSize = (row: Buffer): number => row.length * (1 + 18 / 3072) + 21;

const COMMA = Buffer.from(",");

/** `rows` with commas between them, after `before` and before `after`. */
function joined(before: string, rows: readonly Buffer[], after: string): Buffer {
  const pieces: Buffer[] = [Buffer.from(before)];
  for (const row of rows) {
    if (pieces.length > 1) pieces.push(COMMA);
    pieces.push(row);
  }
  pieces.push(Buffer.from(after));
  return Buffer.concat(pieces);
}
