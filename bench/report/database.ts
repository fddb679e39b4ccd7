// What a flow asks of the database, and what the database can do.

import type { RunningFigures } from "../measure.ts";
import type { FlowCounts } from "../sections/operations.ts";
import { section, table } from "./format.ts";
import { GOALS } from "./goals.ts";
import { loads } from "./loads.ts";

export function database({ counts, ceiling, seededPerSecond }: RunningFigures): string {
  return section(
    "Database",
    "Operations of one flow without its looks at the state (counted by a proxy, outside what is timed), and HTTP requests that a service sends for it:",
    operations(counts),
    `Goal for the bare flow: ${GOALS.operations} operations. Sweeps and health checks besides: ${counts.idlePerSecond.toFixed(0)} per second. The embedded database alone, with the same client, on orders with all their index entries:`,
    loads(ceiling, "op/s"),
    `Orders written at 32 at once before the measurements: ${seededPerSecond.toFixed(0)} per second.`,
  );
}

function operations({ bare, withSeller }: FlowCounts): string {
  const names = [...new Set([...Object.keys(bare.perFlow), ...Object.keys(withSeller.perFlow)])];
  const perFlow = (name: string) => [
    (bare.perFlow[name] ?? 0).toFixed(1),
    (withSeller.perFlow[name] ?? 0).toFixed(1),
  ];
  return table(
    ["operation", "flow", "with a seller, new users"],
    [
      ...names.map((name) => [name, ...perFlow(name)]),
      ["**all**", `**${bare.operations.toFixed(1)}**`, `**${withSeller.operations.toFixed(1)}**`],
      ["HTTP requests between services", bare.exchanges.toFixed(1), withSeller.exchanges.toFixed(1)],
    ],
  );
}
