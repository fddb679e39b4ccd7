// Filters of a request as conditions of a query.

/** The parameters of a request, as texts. */
export type Filters<Query> = { readonly [Name in keyof Query]?: string | undefined };

export type Condition = readonly [sql: string, value: string | readonly string[] | undefined];

/** Conditions that have a value; one that is a single text is a number. */
export function conditions(all: readonly Condition[]): { where: string[]; values: (string | number)[] } {
  const where: string[] = [];
  const values: (string | number)[] = [];
  for (const [sql, value] of all) {
    if (value === undefined || value === "") continue;
    const given = typeof value === "string" ? Number(value) : value;
    if (typeof given === "number" && !Number.isFinite(given)) continue;
    where.push(sql);
    if (typeof given === "number") values.push(given);
    else values.push(...given);
  }
  return { where, values };
}

export const whereOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;

export function whole(given: string | undefined, usual: number, most: number): number {
  const number = Math.floor(Number(given ?? usual));
  return number >= 1 ? Math.min(number, most) : usual;
}
