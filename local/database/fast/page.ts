// The page that a query gathers, as the text of its reply.

import { sizeInPage } from "../dynalite.ts";
import type { Item } from "../item.ts";
import { bytesOfPage, READ_BYTES } from "../page-end.ts";
import type { PageQuery } from "./query-shape.ts";

export class Page {
  readonly #wanted: PageQuery;
  readonly #items: string[] = [];
  readonly #longest: number;
  #last = "";
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
    return this.#followed || this.#items.length === this.#wanted.limit;
  }

  /** Adds the next row, an item or a copy of its keys, unless those before it fill the page. */
  add(text: string): void {
    if (this.#bytes >= this.#longest) {
      this.#followed = true;
      return;
    }
    this.#bytes += Buffer.byteLength(text);
    this.#last = text;
    const { names } = this.#wanted;
    if (names === undefined) {
      this.#size += largestSize(text);
      this.#items.push(text);
    } else {
      const item: Item = JSON.parse(text);
      this.#size += sizeInPage(item);
      this.#items.push(JSON.stringify(Object.fromEntries(names.map((name) => [name, item[name]]))));
    }
  }

  /** The reply; undefined when dynalite may end the page earlier, by its own count. */
  reply(): string | undefined {
    if (this.#size >= READ_BYTES) return undefined;
    const count = this.#items.length;
    const next = this.ended ? `"LastEvaluatedKey":${this.#lastKey()},` : "";
    return `{"ScannedCount":${count},${next}"Count":${count},"Items":[${this.#items.join(",")}]}`;
  }

  #lastKey(): string {
    const { table, index } = this.#wanted;
    const last: Item = JSON.parse(this.#last);
    return JSON.stringify(
      Object.fromEntries([table.key, index.hash, index.range].map((name) => [name, last[name]])),
    );
  }
}

/** No item of this text is larger by dynalite's count for pages, which adds 18 bytes for every 3,072. */
const largestSize = (text: string): number => text.length * (1 + 18 / 3072) + 21;
