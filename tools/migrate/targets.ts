// The tables whose items carry a schema version.

import { allAggregates } from "../aggregates.ts";
import type { Database } from "../database.ts";
import type { Target } from "./migrate.ts";

/** All of them; contacts are plain records without a version. */
export async function targetsOf({
  table,
  pages,
}: Pick<Database, "table" | "pages">): Promise<readonly Target[]> {
  const all = await allAggregates(table);
  return all.map(({ table: name, rewrite }) => ({ name, rewrite, pages: (after) => pages(name, after) }));
}
