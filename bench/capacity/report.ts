// The capacity of a flow as text.

import { figure, table } from "../report/format.ts";
import type { Capacity } from "./capacity.ts";

const MILLION = 1_000_000;

export function capacityReport({
  operations,
  puts,
  write,
  read,
  requests,
  invocations,
  dollars,
  ceilings,
}: Capacity): string {
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
  ].join("\n");
}
