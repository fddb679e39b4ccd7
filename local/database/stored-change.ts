// What a batch has written of items, for whoever follows the tables: index entries are left out.

import type { Write, WrittenItem } from "./level.ts";

/** An item that was written, or removed. */
export interface StoredChange extends WrittenItem {
  /** The item as DynamoDB's JSON text; undefined where it was removed. */
  readonly text: string | undefined;
}

/** The changes of items among `writes`, in their order. Reads nothing. */
export function storedChanges(writes: readonly Write[]): readonly StoredChange[] {
  const changes: StoredChange[] = [];
  for (const write of writes) {
    if (write.of === undefined) continue;
    const { table, item } = write.of;
    changes.push({ table, item, text: write.type === "put" ? write.value : undefined });
  }
  return changes;
}
