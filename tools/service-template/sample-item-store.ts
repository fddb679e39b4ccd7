// How a sample item is kept: as an item with its places in the indexes.

import { AggregateStore, type Codec } from "../../lib/storage/aggregate-store.ts";
import type { Table } from "../../lib/storage/table.ts";
import { expiryOf, type SampleItem } from "./sample-item.ts";

export type SampleItemStore = AggregateStore<SampleItem>;

const codec: Codec<SampleItem> = {
  schemaVersion: 1,
  id: ({ id }) => id,
  index: ({ id, user_id, created_at }) => ({ user: user_id, created: `${created_at}#${id}` }),
  dueAt: expiryOf,
};

/** Sample items in `table`. */
export const sampleItemStore = (table: Table): SampleItemStore => new AggregateStore(table, codec);
