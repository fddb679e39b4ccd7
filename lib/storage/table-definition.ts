// Definitions of tables as data. Stores query the indexes that are named here, and serverless.yml creates the tables from them.

import { BY_DUE, type IndexName } from "./table.ts";

/** An index from which whole items are listed. */
export interface ListIndex extends IndexName {
  /**
   * On AWS the index holds its keys and these attributes alone, and items are read from the table: there every write of an item is
   * charged again for each index that holds it whole. Undefined: whole items everywhere.
   */
  readonly carries?: readonly string[];
}

export interface TableDefinition {
  /** Short name: the table itself is `<DB_NAME>-<name>`. */
  readonly name: string;
  /** Its key attribute. */
  readonly key: string;
  /** Indexes from which whole items are listed. */
  readonly indexes: readonly ListIndex[];
  /** Indexes with keys only. */
  readonly keyIndexes: readonly IndexName[];
  /** True for records that are deleted. */
  readonly deletes?: boolean;
}

/** The short name of a table, given its whole one. */
export const shortTableName = (table: string): string => table.slice(table.lastIndexOf("-") + 1);

/** A table of aggregates: its key is `id`, and its index `by_due` lists what is due for the sweep. */
export const aggregateTable = (
  name: string,
  { indexes = [], keyIndexes = [] }: Partial<Pick<TableDefinition, "indexes" | "keyIndexes">> = {},
): TableDefinition => ({ name, key: "id", indexes, keyIndexes: [...keyIndexes, BY_DUE] });

/** Whether `table` holds aggregates, which may have something due. */
export const holdsAggregates = ({ keyIndexes }: TableDefinition): boolean =>
  keyIndexes.some(({ name }) => name === BY_DUE.name);
