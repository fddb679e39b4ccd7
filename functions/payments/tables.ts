// The tables of payments, and of the sandbox provider: it acts as a third party, so it has its own.

import { BY_DAY } from "../../lib/storage/day-index.ts";
import type { IndexName } from "../../lib/storage/table.ts";
import { aggregateTable } from "../../lib/storage/table-definition.ts";

/** A payer's payments by time. */
export const BY_USER: IndexName = { name: "by_user", hash: "user", range: "created" };

export const tables = [
  aggregateTable("payments", { indexes: [BY_USER], keyIndexes: [BY_DAY] }),
  aggregateTable("unmatched", { keyIndexes: [BY_DAY] }),
  aggregateTable("sandbox", { keyIndexes: [BY_DAY] }),
];
