// A table whose pages are short, for tests of what reads on.

import type { IndexQuery, Table } from "../../lib/storage/table.ts";

/** DynamoDB ends a page at 1 MB, so a page of large items is shorter than its limit; here it has `most` at most. */
export function shortPages(table: Table, most: number): Table {
  const short = (query: IndexQuery) => ({ ...query, limit: Math.min(query.limit, most) });
  return {
    ...table,
    query: (query) => table.query(short(query)),
    queryEntries: (query, names) => table.queryEntries(short(query), names),
  };
}
