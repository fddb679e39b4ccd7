// Two systems that were measured by turns.

import { median } from "../../tests/support/quantiles.ts";
import type { Against, AtRest } from "../compare/against.ts";
import type { Compared, Result } from "../compare/by-turns.ts";
import type { Growth } from "../compare/growth.ts";
import { pairedRatios } from "../compare/ratios.ts";
import type { BatchTimes } from "../load/job.ts";
import { type ByRole, sum } from "../processes.ts";
import type { StartTimes } from "../sections/start-time.ts";
import { figure, memory, ms, ratio, section, table, times } from "./format.ts";
import { GOALS } from "./goals.ts";

/** Before → after, with the ratios of the rounds. */
function comparedTable(compared: readonly Compared[]): string {
  const pair = (of: (result: Result) => string, { before, after }: Compared) =>
    `${of(before)} → ${of(after)}`;
  return table(
    ["", "at once", "per second", "ratio", "p50", "ratio", "CPU each", "ratio", "p99"],
    compared.map((row) => [
      row.name,
      `${row.lanes}`,
      pair(({ perSecond }) => figure(perSecond.median), row),
      ratio(row.ratio.perSecond),
      pair(({ p50 }) => ms(p50.median), row),
      ratio(row.ratio.p50),
      pair(({ cpu }) => ms(cpu.median), row),
      ratio(row.ratio.cpu),
      pair(({ p99 }) => ms(p99.median), row),
    ]),
  );
}

const SPREAD_NOTE =
  "Medians of the rounds; ratios are after by before within each round, with the least and the most: what the machine does " +
  "to one side, it does to the other a moment later.";

/** What many stored orders change. */
export function growth({ stored, filled, compared }: Growth): string {
  const flows = compared.filter(({ unit }) => unit === "flows/s");
  const worst = Math.max(...flows.map((row) => row.ratio.cpu.median));
  return section(
    `With ${stored.toLocaleString("en")} orders stored`,
    `An empty system and one with ${stored.toLocaleString("en")} orders of 1,000 buyers and 200 sellers, by turns (empty → stored).`,
    comparedTable(compared),
    `${SPREAD_NOTE} A flow costs **${times(worst)}** at most (goal ${times(GOALS.growth)}).`,
    `Batches of LevelDB in a process of its own, while the orders were stored (${filled.perSecond.toFixed(0)} per second), and then at a steady 500 requests a second; a merge of tables that holds up writes shows here (goal: none above ${GOALS.stallMs} ms that did not wait for a core):`,
    table(
      ["", "batches", "p99", "longest", "its threads waited for a core meanwhile"],
      [batches("as fast as it goes", filled.filling), batches("at a steady pace", filled.paced)],
    ),
  );
}

const batches = (name: string, { count, p99, longest, waited }: BatchTimes): string[] => [
  name,
  `${count}`,
  ms(p99),
  ms(longest),
  ms(waited),
];

/** This checkout and another, as a report of its own. */
export function comparison(against: Against): string {
  const { compared, before, after, starts, restMs } = against;
  const [first, second] = starts.systems;
  return [
    "Another checkout → this one, by turns in one run.",
    comparedTable(compared),
    SPREAD_NOTE,
    "CPU of one request or flow by process:",
    byProcess(compared),
    table(
      ["", "before", "after", "ratio"],
      [
        ...(first && second ? startRows(first, second) : []),
        restRow("memory at ready", before.memory.ready, after.memory.ready),
        restRow("memory under load, at most", before.memory.underLoad, after.memory.underLoad),
        restRow(`memory ${restMs / 1_000} s after load`, before.memory.rested, after.memory.rested),
        numberRow("CPU ms per second without requests", sum(before.idle.later), sum(after.idle.later)),
        numberRow("… just after some", sum(before.idle.soon), sum(after.idle.soon)),
        ...countRows(before, after),
      ],
    ),
  ].join("\n\n");
}

function byProcess(compared: readonly Compared[]): string {
  const roles = [
    ...new Set(
      compared.flatMap(({ before, after }) => Object.keys({ ...before.cpuByRole, ...after.cpuByRole })),
    ),
  ];
  return table(
    ["", "at once", ...roles],
    compared.map(({ name, lanes, before, after }) => [
      name,
      `${lanes}`,
      ...roles.map((role) => `${ms(before.cpuByRole[role] ?? 0)} → ${ms(after.cpuByRole[role] ?? 0)}`),
    ]),
  );
}

function startRows(before: StartTimes, after: StartTimes): string[][] {
  const row = (name: string, of: (times: StartTimes) => readonly number[]) => [
    name,
    ms(median(of(before))),
    ms(median(of(after))),
    ratio(pairedRatios(of(before), of(after))),
  ];
  return [
    row("ready", ({ wallMs }) => wallMs),
    row("CPU to ready", ({ cpuMs }) => cpuMs),
    row("CPU until all is loaded", ({ settledCpuMs }) => settledCpuMs),
  ];
}

const restRow = (name: string, before: ByRole, after: ByRole): string[] => [
  name,
  memory(before),
  memory(after),
  times(sum(after) / sum(before)),
];

const numberRow = (name: string, before: number, after: number): string[] => [
  name,
  figure(before),
  figure(after),
  before === 0 ? "" : times(after / before),
];

function countRows({ counts: before }: AtRest, { counts: after }: AtRest): string[][] {
  return [
    numberRow("database operations per flow", before.bare.operations, after.bare.operations),
    numberRow("… with a seller, new users", before.withSeller.operations, after.withSeller.operations),
    numberRow("… until its last notification is there", before.bare.untilNotified, after.bare.untilNotified),
    numberRow("HTTP requests between services per flow", before.bare.exchanges, after.bare.exchanges),
    numberRow("… with a seller, new users", before.withSeller.exchanges, after.withSeller.exchanges),
    numberRow("database operations per second without requests", before.idlePerSecond, after.idlePerSecond),
  ];
}
