// What a batch has written of items, for whoever follows the tables: index entries are left out.

import { ITEMS } from "./keyspace.ts";
import type { Write } from "./level.ts";

/** An item that was written, or removed. */
export interface StoredChange {
  readonly table: string;
  /** The item as DynamoDB's JSON text; undefined where it was removed. */
  readonly text: string | undefined;
}

/** The changes of items among `writes`, in their order. Reads nothing. */
export function storedChanges(writes: readonly Write[]): readonly StoredChange[] {
  const changes: StoredChange[] = [];
  for (const write of writes) {
    if (!write.key.startsWith(ITEMS)) continue;
    const table = write.key.slice(ITEMS.length, write.key.indexOf("~", ITEMS.length));
    changes.push({ table, text: write.type === "put" ? write.value : undefined });
  }
  return changes;
}
