// What a flow asks of the database, and what the database can do.

import type { RunningFigures } from "../measure.ts";
import type { FlowCount, FlowCounts } from "../sections/operations.ts";
import { section, table } from "./format.ts";
import { GOALS } from "./goals.ts";
import { loads } from "./loads.ts";

export function database({ counts, ceiling, seededPerSecond }: RunningFigures): string {
  return section(
    "Database",
    "Operations of one flow without its looks at the state (counted by a proxy, outside what is timed), and HTTP requests that a service sends for it:",
    operations(counts),
    `Goal for the bare flow: ${GOALS.operations} operations until the last notification is there; the others record later that it was delivered, and [cannot be saved](decisions/004-outbox.md). A process looks once a second whether a feature is in use, however many flows there are; here each flow is counted alone, and finds the last look too old. Sweeps and health checks besides: ${counts.idlePerSecond.toFixed(0)} per second. The embedded database alone, with the same client, on orders with all their index entries:`,
    loads(ceiling, "op/s"),
    `Orders written at 32 at once before the measurements: ${seededPerSecond.toFixed(0)} per second.`,
  );
}

function operations({ bare, withSeller }: FlowCounts): string {
  const names = [...new Set([...Object.keys(bare.perFlow), ...Object.keys(withSeller.perFlow)])];
  const row = (name: string, of: (count: FlowCount) => number) => [
    name,
    of(bare).toFixed(1),
    of(withSeller).toFixed(1),
  ];
  return table(
    ["operation", "flow", "with a seller, new users"],
    [
      ...names.map((name) => row(name, ({ perFlow }) => perFlow[name] ?? 0)),
      row("**all**", ({ operations }) => operations),
      row("until the last notification is there", ({ untilNotified }) => untilNotified),
      row("looks whether a feature is in use", ({ looks }) => looks),
      row("HTTP requests between services", ({ exchanges }) => exchanges),
    ],
  );
}
