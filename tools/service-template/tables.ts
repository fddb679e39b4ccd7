// Where sample items are kept, and the indexes they are found by.

import type { IndexName } from "../../lib/storage/table.ts";
import { aggregateTable } from "../../lib/storage/table-definition.ts";

/** A user's sample items by time. */
export const BY_USER: IndexName = { name: "by_user", hash: "user", range: "created" };

export const tables = [aggregateTable("samples", { indexes: [BY_USER] })];
