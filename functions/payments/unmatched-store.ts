// How unmatched transactions are stored: each as an item that counts as parked until it is settled.

import type { Logger } from "../../lib/observability/log.ts";
import { AggregateStore, type Codec } from "../../lib/storage/aggregate-store.ts";
import { dayKeys } from "../../lib/storage/day-index.ts";
import type { Table } from "../../lib/storage/table.ts";
import { describe, type Unmatched, type UnmatchedTransaction, unmatchedTransaction } from "./unmatched.ts";

export type UnmatchedStore = AggregateStore<UnmatchedTransaction>;

const codec: Codec<UnmatchedTransaction> = {
  schemaVersion: 1,
  id: ({ id }) => id,
  index: ({ id, reported_at }) => dayKeys(id, reported_at),
  dueAt: () => undefined,
  parked: ({ settled_at }) => settled_at === null,
};

/** Unmatched transactions in `table`. */
export const unmatchedStore = (table: Table): UnmatchedStore => new AggregateStore(table, codec);

/** Stores a report durably, once, and logs an error the first time. */
export async function keepUnmatched(
  store: UnmatchedStore,
  unmatched: Unmatched,
  now: number,
  log: Pick<Logger, "error">,
): Promise<void> {
  const transaction = unmatchedTransaction(unmatched, now);
  if (!(await store.create(transaction))) return;
  log.error(
    { unmatched: transaction.id, method: transaction.method },
    `${describe(transaction)}; it is parked, see npm run outbox`,
  );
}
