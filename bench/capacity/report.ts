// The capacity of a flow as text.

import { figure, table, times } from "../report/format.ts";
import { needsAt } from "./at-rate.ts";
import type { Capacity } from "./capacity.ts";

const MILLION = 1_000_000;

/** All of it; with `rate` also what so many paid orders per second need. */
export function capacityReport(capacity: Capacity, rate: number): string {
  const { operations, puts, write, read, requests, invocations, dollars, ceilings } = capacity;
  const total = Object.values(dollars).reduce((sum, one) => sum + one, 0);
  return [
    table(
      ["operation", "bytes", "write units", "of these in indexes", "read units"],
      operations.map((one) => [one.name, one.bytes, one.write, one.indexes, one.read].map(String)),
    ),
    "",
    `${puts} writes, ${write} write units, ${read} read units, ${requests} requests over HTTP, ${invocations} invocations`,
    "",
    table(
      ["a million paid orders", "dollars"],
      [...Object.entries(dollars), ["all", total] as const].map(([name, each]) => [
        name,
        figure(each * MILLION),
      ]),
    ),
    "",
    table(
      ["ceiling", "of", "hash keys", "write units per order and key", "orders per second"],
      ceilings.map((one) => [one.index, one.of, String(one.keys), figure(one.units), figure(one.perSecond)]),
    ),
    ...(rate > 0 ? ["", needs(rate, capacity)] : []),
  ].join("\n");
}

const needs = (rate: number, capacity: Capacity): string =>
  table(
    [`${grouped(rate)} paid orders per second`, "needed", "quota of a new account", "by it"],
    needsAt(rate, capacity).map(({ what, needed, quota }) => [
      what,
      grouped(needed),
      quota === undefined ? "" : grouped(quota),
      quota === undefined ? "" : times(needed / quota),
    ]),
  );

const grouped = (value: number): string => Math.round(value).toLocaleString("en");
