// The tables of payments, and of the sandbox provider: it acts as a third party, so it has its own.

import { BY_DAY } from "../../lib/storage/day-index.ts";
import { aggregateTable, type ListIndex } from "../../lib/storage/table-definition.ts";

/** A payer's payments by time. */
export const BY_USER: ListIndex = { name: "by_user", hash: "user", range: "created", carries: [] };

export const tables = [
  aggregateTable("payments", { indexes: [BY_USER], keyIndexes: [BY_DAY] }),
  aggregateTable("unmatched", { keyIndexes: [BY_DAY] }),
  aggregateTable("sandbox", { keyIndexes: [BY_DAY] }),
];
