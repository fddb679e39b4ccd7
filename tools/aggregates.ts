// The aggregates of all services, for commands that work on their tables.

import { services } from "../functions/services.ts";
import type { StoredAggregates } from "../lib/outbox/stored.ts";
import type { Table } from "../lib/storage/table.ts";

/** The aggregates of every service; `table` returns a table by its short name. */
export async function allAggregates(table: (name: string) => Table): Promise<readonly StoredAggregates[]> {
  const opened = await Promise.all(services.map(({ aggregates }) => aggregates?.()));
  return opened.flatMap((open) => open?.(table) ?? []);
}
