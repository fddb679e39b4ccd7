// Filters of a request as conditions of a query.

import { Problem } from "../../lib/http/problem.ts";

/** The parameters of a request, as texts. */
export type Filters<Query> = { readonly [Name in keyof Query]?: string | undefined };

/** The names of a request's filters, each of which may be given once, or repeated. */
export type FilterNames<Query> = { readonly [Name in keyof Required<Query>]: "once" | "repeated" };

/** The filters of a request; of those that are repeated the last one. @throws {Problem} 400, rather than to leave out what nobody knows */
export function filtersOf<Query>(query: URLSearchParams, names: FilterNames<Query>): Filters<Query> {
  const known = new Map<string, "once" | "repeated">(Object.entries(names));
  for (const name of query.keys()) {
    const often = known.get(name);
    if (often === undefined)
      throw refused(name, `is no filter here: there are ${[...known.keys()].join(", ")}`);
    if (often === "once" && query.getAll(name).length > 1) throw refused(name, "is given once");
  }
  return Object.fromEntries(query) as Filters<Query>;
}

/** Of a filter that is not used, the values are undefined. */
export type Condition = readonly [sql: string, values: readonly (string | number)[] | undefined];

/** The conditions that have values. */
export function conditions(all: readonly Condition[]): { where: string[]; values: (string | number)[] } {
  const used = all.filter(([, values]) => values !== undefined);
  return { where: used.map(([sql]) => sql), values: used.flatMap(([, values]) => values ?? []) };
}

export const whereOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;

/** A filter that is any text; `values`: how many of the condition's values it is. */
export const anyText = (given: string | undefined, values = 1): readonly string[] | undefined =>
  given === undefined || given === "" ? undefined : new Array<string>(values).fill(given);

/** A filter that is a number. @throws {Problem} 400 */
export function numeric(name: string, given: string | undefined): readonly number[] | undefined {
  if (given === undefined || given === "") return undefined;
  const number = Number(given);
  if (!Number.isFinite(number)) throw refused(name, "is a number");
  return [number];
}

/** Where a list goes on that is ordered by time: ids tell rows of the same time apart. */
export const cursorAt = (time: number, id: string): string => `${time}~${id}`;

/** The time and id of a cursor that a list has given. @throws {Problem} 400 */
export function cursorOf(given: string | undefined): readonly [time: number, id: string] | undefined {
  if (given === undefined || given === "") return undefined;
  const [, time, id] = /^([^~]+)~(.+)$/s.exec(given) ?? [];
  const [number] = numeric("cursor", time) ?? [];
  if (number === undefined || id === undefined) throw refused("cursor", "is the `next_cursor` of a list");
  return [number, id];
}

/** A filter that is one of a few words. @throws {Problem} 400 */
export function oneOf(name: string, given: string | undefined, words: readonly string[]): string | undefined {
  if (given === undefined || given === "") return undefined;
  if (!words.includes(given)) throw refused(name, `is one of ${words.join(", ")}`);
  return given;
}

/** A whole number from 1; beyond `most` it is that. @throws {Problem} 400 */
export function whole(name: string, given: string | undefined, usual: number, most: number): number {
  if (given === undefined || given === "") return usual;
  if (!/^\d{1,16}$/.test(given) || Number(given) < 1) throw refused(name, "is a whole number from 1");
  return Math.min(Number(given), most);
}

/** `what` the filter has to be. */
export const refused = (name: string, what: string): Problem =>
  new Problem(400, "query_invalid", `${name} ${what}.`);
