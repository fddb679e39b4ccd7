// The aggregates of one table for operators' commands: rewriting them, and listing what is parked.

import type { AggregateStore } from "../storage/aggregate-store.ts";
import type { Table } from "../storage/table.ts";
import { type ParkedSource, type Parking, parkedSource } from "./parked.ts";

export interface StoredAggregates {
  /** Short name of the table: `orders`. */
  readonly table: string;
  /** See {@link AggregateStore.rewrite}. */
  rewrite(id: string, dry: boolean): Promise<"current" | "outdated" | undefined>;
  /** Access to what is parked; undefined where nothing can be. */
  readonly parked?: ParkedSource;
}

/** Opens the aggregates of a service; `table` returns a table by its short name. */
export type OpenAggregates = (table: (name: string) => Table) => readonly StoredAggregates[];

/** The aggregates of `store`, which uses the table `table`. */
export const storedAggregates = <S>(
  table: string,
  store: AggregateStore<S>,
  parking?: Parking<S>,
): StoredAggregates => ({
  table,
  rewrite: (id, dry) => store.rewrite(id, dry),
  ...(parking === undefined ? {} : { parked: parkedSource(table, store, parking) }),
});
