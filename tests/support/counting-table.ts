// A table that records its operations, for tests of what a request costs.

import type { Table } from "../../lib/storage/table.ts";

/** `table`, noting each operation in `operations`: `get`, `put` or `query`. */
export function countingTable(table: Table, operations: string[]): Table {
  return {
    get(id) {
      operations.push("get");
      return table.get(id);
    },
    put(item, replaces) {
      operations.push("put");
      return table.put(item, replaces);
    },
    query(query) {
      operations.push("query");
      return table.query(query);
    },
    queryEntries(query, names) {
      operations.push("query");
      return table.queryEntries(query, names);
    },
    queryIds(query) {
      operations.push("query");
      return table.queryIds(query);
    },
  };
}
