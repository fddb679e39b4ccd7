// The figures as tables, for the terminal and for docs/benchmarks.md.

import { median } from "../../tests/support/quantiles.ts";
import type { Figures } from "../measure.ts";
import { type ByRole, sum } from "../processes.ts";
import type { Row } from "../sections/routes.ts";
import type { Yardstick } from "../sections/yardsticks.ts";
import { GOAL, LIMITS, PREDECESSOR } from "./goals.ts";

/** All figures as Markdown. */
export function toMarkdown(figures: Figures): string {
  return [
    machineLine(figures),
    section("Start and memory", startAndMemory(figures)),
    section("The whole flow", flows(figures)),
    section("Single routes", routes(figures)),
    section("Cost of the stack", yardsticks(figures)),
    section("Database", database(figures)),
  ].join("\n\n");
}

function machineLine({ machine, command, flows: flow, routes: route }: Figures): string {
  const others = Math.max(...[...flow, ...route].map(({ measured }) => measured.others));
  const noise =
    others > 0.1
      ? ` **The machine was shared: other processes took up to ${percent(others)} of it during a measurement.**`
      : "";
  return (
    `\`${command}\` on ${machine.cores} cores (${machine.cpu}), Node.js ${machine.node}, ${machine.date.slice(0, 16)}Z, ` +
    `with the embedded database; the load comes from a process of its own on the same cores.${noise}`
  );
}

function startAndMemory({ starts, memory, idle }: Figures): string {
  const { afterStart, afterLoad } = memory;
  const roles = (values: ByRole) =>
    Object.entries(values)
      .map(([role, mb]) => `${role} ${mb}`)
      .join(", ");
  return table(
    ["", "", "limit"],
    [
      [
        "ready: all services healthy and registered",
        `${ms(median(starts.system))} (median of ${starts.system.length})`,
        "",
      ],
      ["plain serverless-offline, one trivial function", `${ms(median(starts.baseline))}`, ""],
      ["ratio", `**${starts.ratio.toFixed(2)}**`, `${LIMITS.startRatio}`],
      ...(starts.uncachedMs === undefined
        ? []
        : [["ready, first start ever (no compiled code kept)", ms(starts.uncachedMs), ""]]),
      ["memory after start", `**${sum(afterStart)} MB** (${roles(afterStart)})`, `${LIMITS.memoryMb} MB`],
      ["memory after load", `**${sum(afterLoad)} MB** (${roles(afterLoad)})`, `${LIMITS.memoryMb} MB`],
      ["CPU while idle", `${sum(idle).toFixed(0)} ms per second`, ""],
    ],
  );
}

function flows({ flows: rows, operations }: Figures): string {
  const alone = rows.find(({ lanes }) => lanes === 1);
  const many = rows.find(({ lanes }) => lanes > 1);
  if (!alone || !many) return "";
  const cost = Math.max(sum(alone.cpu), sum(many.cpu));
  return [
    "Create an order, pay it, a signed callback, the order shows paid, `order.created` and `order.paid` are in the " +
      "list of notifications (its newest two). What is not there yet is looked for again after a tenth of " +
      "the time the flow has taken so far, 2 ms at least; the looks are part of the flow and of its cost. The bare flow has a " +
      "user for each connection; the other a buyer and a seller whom the system has never seen before, and two lines.",
    loads(rows, "flows/s"),
    "`machine`: CPU time of a fixed piece of work beside the measurement, in the load's process. Where it differs, so does the machine; only figures with about the same one compare.",
    table(
      ["", "this system", "predecessor, measured once elsewhere", "ratio", "goal"],
      [
        [
          "p50, one at a time",
          ms(alone.measured.p50),
          ms(PREDECESSOR.p50),
          times(PREDECESSOR.p50 / alone.measured.p50),
          `${GOAL.p50} ms`,
        ],
        [
          "flows/s, 32 at once",
          many.measured.perSecond.toFixed(1),
          `${PREDECESSOR.perSecond}`,
          times(many.measured.perSecond / PREDECESSOR.perSecond),
          `${GOAL.perSecond}`,
        ],
        [
          "CPU per flow",
          ms(cost),
          `about ${PREDECESSOR.cpu} ms`,
          times(PREDECESSOR.cpu / cost),
          `${GOAL.cpu} ms`,
        ],
        ["database operations per flow", operations.total.toFixed(1), "", "", `${LIMITS.operations}`],
      ],
    ),
    `Looks beyond the first: ${narrowFirst(rows)
      .map(({ name, lanes, measured }) => `${(measured.extraPolls ?? 0).toFixed(1)} per ${name} at ${lanes}`)
      .join(", ")}.`,
  ].join("\n\n");
}

function routes({ routes: rows, listRatios }: Figures): string {
  return [
    loads(rows, "req/s"),
    `\`create order\` includes the work after the reply: notifying the buyer. A page of a user's list (10 orders) with 10,000 orders takes **${median(listRatios).toFixed(2)} ×** the time with 100 (p50 at 1, by turns; rounds: ${listRatios.map((ratio) => ratio.toFixed(2)).join(", ")}).`,
  ].join("\n\n");
}

function loads(rows: readonly Row[], unit: string): string {
  const roles = [...new Set(rows.flatMap(({ cpu }) => Object.keys(cpu)))];
  return table(
    ["", "at once", unit, "p50", "p99", "CPU each", ...roles, "machine"],
    narrowFirst(rows).map(({ name, lanes, measured, cpu }) => [
      name,
      `${lanes}`,
      measured.perSecond.toFixed(measured.perSecond < 100 ? 1 : 0),
      ms(measured.p50),
      ms(measured.p99),
      ms(sum(cpu)),
      ...roles.map((role) => ms(cpu[role] ?? 0)),
      ms(measured.calibrationMs),
    ]),
  );
}

/** Rows of one name stand together; they were measured with the wide load first. */
function narrowFirst(rows: readonly Row[]): readonly Row[] {
  const names = [...new Set(rows.map(({ name }) => name))];
  return names.flatMap((name) => rows.filter((row) => row.name === name).sort((a, b) => a.lanes - b.lanes));
}

function yardsticks({ yardsticks: measured }: Figures): string {
  const { trivial, bareRead, getOrder, overhead } = measured;
  const row = ({ name, perSecond, p50, cpu }: Yardstick) => [
    name,
    perSecond.toFixed(0),
    ms(p50),
    `${cpu.toFixed(2)} ms`,
  ];
  return [
    "The same serverless-offline with the same settings and the same database, 32 at once; CPU over all processes that take part.",
    table(["", "req/s", "p50", "CPU per request"], [trivial, bareRead, getOrder].map(row)),
    `Identity, validation, deadline, logging, problem replies and the view together: **${overhead.toFixed(2)} ms** of CPU over the bare read (limit ${LIMITS.overheadMs} ms).`,
  ].join("\n\n");
}

function database({ operations, ceiling, seededPerSecond }: Figures): string {
  const rows = Object.entries(operations.perFlow)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => [name, count.toFixed(1)]);
  return [
    "Operations of one flow without its looks at the state (counted by a proxy, outside what is timed):",
    table(["operation", "per flow"], [...rows, ["**all**", `**${operations.total.toFixed(1)}**`]]),
    `Sweeps and health checks besides: ${operations.idlePerSecond.toFixed(0)} per second. The embedded database alone, with the same client, on orders with all their index entries:`,
    loads(ceiling, "op/s"),
    `Orders written at 32 at once before the measurements: ${seededPerSecond.toFixed(0)} per second.`,
  ].join("\n\n");
}

const section = (title: string, text: string): string => `## ${title}\n\n${text}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => width(row[column] ?? ""))));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - width(cell))).join(" | ")} |`;
  return [line(head), line(widths.map((size) => "-".repeat(size))), ...rows.map(line)].join("\n");
}

const width = (text: string): number => [...text].length;
const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
const times = (value: number): string => `${value.toFixed(1)} ×`;
const percent = (value: number): string => `${(value * 100).toFixed(0)} %`;
