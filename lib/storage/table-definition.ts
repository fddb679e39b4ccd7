// What a table is made of, as data: its stores read by the indexes named here, and serverless.yml has it created from this.

import { BY_DUE, type IndexName } from "./table.ts";

export interface TableDefinition {
  /** Short name: the table itself is `<DB_NAME>-<name>`. */
  readonly name: string;
  /** The attribute that is its key. */
  readonly key: string;
  /** Indexes that hold whole items. */
  readonly indexes: readonly IndexName[];
  /** Indexes that hold keys alone. */
  readonly keyIndexes: readonly IndexName[];
}

/** A table of aggregates: its key is `id`, and `by_due` finds what must be looked at again. */
export const aggregateTable = (
  name: string,
  { indexes = [], keyIndexes = [] }: Partial<Pick<TableDefinition, "indexes" | "keyIndexes">> = {},
): TableDefinition => ({ name, key: "id", indexes, keyIndexes: [...keyIndexes, BY_DUE] });

/** Whether aggregates are kept in `table`, so that they may owe something. */
export const holdsAggregates = ({ keyIndexes }: TableDefinition): boolean =>
  keyIndexes.some(({ name }) => name === BY_DUE.name);
