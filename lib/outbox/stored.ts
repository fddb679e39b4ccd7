// The aggregates of one table as operators' commands see them: to be rewritten, and what of them was given up.

import type { AggregateStore } from "../storage/aggregate-store.ts";
import type { Table } from "../storage/table.ts";
import { type ParkedSource, type Parking, parkedSource } from "./parked.ts";

export interface StoredAggregates {
  /** Short name of the table: `orders`. */
  readonly table: string;
  /** As {@link AggregateStore.rewrite}. */
  rewrite(id: string, dry: boolean): Promise<"current" | "outdated" | undefined>;
  /** What can be parked of them; undefined where nothing ever is. */
  readonly parked?: ParkedSource;
}

/** Opens what a service keeps in the tables that `table` gives by their short names. */
export type OpenAggregates = (table: (name: string) => Table) => readonly StoredAggregates[];

/** The aggregates of `store`, which is over the table `table`. */
export const storedAggregates = <S>(
  table: string,
  store: AggregateStore<S>,
  parking?: Parking<S>,
): StoredAggregates => ({
  table,
  rewrite: (id, dry) => store.rewrite(id, dry),
  ...(parking === undefined ? {} : { parked: parkedSource(table, store, parking) }),
});
