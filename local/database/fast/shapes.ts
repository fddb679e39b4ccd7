// The shapes by the operation they belong to.

import { MAX_ITEM_BYTES } from "../dynalite.ts";
import { batchGetItem } from "./batch-get-item.ts";
import { getItem } from "./get-item.ts";
import { plainTable } from "./plain-table.ts";
import { putItem } from "./put-item.ts";
import { query } from "./query.ts";
import type { Access, Shape, Storage } from "./shape.ts";

export type Shapes = ReadonlyMap<string, Shape>;

/** What `lib/storage` sends; see docs/decisions/018-fast-path.md. */
export const SHAPES: Shapes = new Map([
  ["BatchGetItem", batchGetItem],
  ["GetItem", getItem],
  ["PutItem", putItem],
  ["Query", query],
]);

/**
 * Whether no item in the request `text` can exceed DynamoDB's 400 KB: a UTF-16 code unit is 3 bytes in UTF-8 at most. Larger
 * ones go to dynalite, and are measured.
 */
export const surelySmall = (text: string): boolean => text.length <= MAX_ITEM_BYTES / 3;

/** What the shapes need of `storage`. */
export function accessTo({ level, commits, pages, tableDb, getItemDb, indexes }: Storage): Access {
  return {
    level,
    commits,
    pages,
    indexes,
    table(name) {
      const description = typeof name === "string" ? tableDb.active(name) : undefined;
      return description && plainTable(description);
    },
    lockOf: (table) => getItemDb(table).lock,
  };
}
