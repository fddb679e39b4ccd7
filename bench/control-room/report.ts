// The figures as Markdown, each with its goal.

import { median, quantile } from "../../tests/support/quantiles.ts";
import type { Spread } from "../compare/ratios.ts";
import { sum } from "../processes.ts";
import {
  difference,
  estimatedTimes,
  figure,
  likelyRatio,
  memory,
  ms,
  section,
  table,
} from "../report/format.ts";
import { KINDS } from "../usage.ts";
import { type FlowCosts, MEMORY_AT, type MemoryAt, type Role, type Threads } from "./costs.ts";
import type { HourFigures } from "./hour.ts";
import type { Figures } from "./measure.ts";
import type { PageFigures } from "./page.ts";
import type { PixelFigures } from "./pixel.ts";
import { OTHERS, type Other, SIDES, type Side } from "./sides.ts";
import type { StartCosts } from "./starts.ts";

const GOALS = {
  firstPaintMs: 300,
  frameP95Ms: 33,
  frameMs: 100,
  pixelP99Ms: 250,
  killMs: 1_000,
  closed: 1.03,
  open: 1.08,
  start: 1.02,
  runtimeMb: 20,
  helperMb: 80,
} as const;

export function toMarkdown({ machine, page, pixel, flows, starts, hour, kills }: Figures): string {
  return [
    `${machine.cores} cores (${machine.cpu}), Node ${machine.node}, ${machine.date}`,
    ...(page ? [pageSection(page)] : []),
    ...(pixel ? [pixelSection(pixel)] : []),
    ...(flows ? [flowSection(flows)] : []),
    ...(starts ? [startSection(starts)] : []),
    ...(hour ? [hourSection(hour)] : []),
    ...(kills
      ? [
          section(
            "A demo under kills from the page",
            `${kills.killsShownMs.length} kills, ${kills.orders} orders; ` +
              `violations found ${kills.kept ? "none" : "SOME"}, shown ${kills.shown.length}, in the end ${kills.view.violations.length}`,
            `A kill is shown after ${ms(quantile(kills.killsShownMs, 0.5))} (p50), ${ms(Math.max(...kills.killsShownMs))} at most; ` +
              `goal ${GOALS.killMs} ms: ${met(Math.max(...kills.killsShownMs) <= GOALS.killMs)}`,
            kills.summary.join("\n"),
          ),
        ]
      : []),
  ].join("\n\n");
}

const met = (is: boolean): string => (is ? "met" : "MISSED");

const pageSection = ({ firstPaintMs, phases }: PageFigures): string =>
  section(
    "Frames of a full page, ms",
    `First paint after ${ms(median(firstPaintMs))}; goal ${GOALS.firstPaintMs} ms: ${met(median(firstPaintMs) <= GOALS.firstPaintMs)}`,
    table(
      ["phase", "frames", "p50", "p95", "p99", "longest", "tasks over 50 ms", "goal"],
      phases.map(({ name, frames }) => [
        name,
        String(frames.count),
        ...[frames.p50, frames.p95, frames.p99, frames.longest].map(figure),
        frames.longTasks.length === 0
          ? "–"
          : `${frames.longTasks.length}, longest ${Math.max(...frames.longTasks)}`,
        met(frames.p95 <= GOALS.frameP95Ms && frames.longest <= GOALS.frameMs),
      ]),
    ),
  );

const pixelSection = ({ perSecond, delays }: PixelFigures): string =>
  section(
    "From the event to its pixels, ms",
    `${figure(perSecond)} orders a second`,
    table(
      ["event", "seen", "p50", "p99", "longest", "goal"],
      delays.map(({ what, count, p50, p99, longest }) => [
        what,
        String(count),
        ...[p50, p99, longest].map(figure),
        met(p99 <= GOALS.pixelP99Ms),
      ]),
    ),
  );

function flowSection(costs: FlowCosts): string {
  const { flows, loaded, afterwards, together, threads, idle, memory: used, more, restless } = costs;
  const under = (side: Side): string => {
    if (side === "off") return "–";
    if (side === "again") return estimatedTimes(loaded.ratio[side]);
    return `${estimatedTimes(loaded.ratio[side])}, goal ${GOALS[side]}: ${verdict(loaded.ratio[side].likely, GOALS[side])}`;
  };
  const moreAt = (at: MemoryAt, side: Other, role: Role): number =>
    at === "loaded" ? more[side][role].median : (used[at][side][role] ?? 0) - (used[at].off[role] ?? 0);
  const moreOf = (at: MemoryAt, side: Side): string => {
    if (side === "off") return "–";
    const [runtime, helper] = [moreAt(at, side, "runtime"), moreAt(at, side, "helper")];
    const spread = (role: Role) => (at === "loaded" ? ` (${ends(more[side][role])})` : "");
    const text = `runtime ${signed(runtime)}${spread("runtime")}, helper ${signed(helper)}${spread("helper")} MB`;
    if (side === "again") return text;
    return `${text}: ${met(runtime <= GOALS.runtimeMb && helper <= GOALS.helperMb)}`;
  };
  return section(
    "A flow's CPU, and memory",
    table(
      [
        "",
        "under load, ms",
        "to without",
        "afterwards, ms",
        "together, ms",
        "to without",
        "without requests, ms/s",
      ],
      SIDES.map((side) => [
        side,
        figure(loaded.spread[side].median),
        under(side),
        figure(afterwards[side].median),
        figure(together.spread[side].median),
        side === "off" ? "–" : estimatedTimes(together.ratio[side]),
        figure(idle[side]),
      ]),
    ),
    "Two fresh systems each, under load at the same time. Milliseconds are medians; a ratio is the mean of the pairs, in brackets where it most likely " +
      "is (95 %, Student's t), then the least and the most of the pairs, and their median. What `again` differs by can't be told apart. " +
      `${figure(costs.perSecond.median)} flows a second each: what is done once a second weighs more per flow than where one system has the machine to itself, so these ratios are upper ones.`,
    ...(restless === 0 ? [] : [`**After ${restless} pairs the systems were not at rest in time.**`]),
    table(["under load, ms", "", ...THREADS], threadRows(threads)),
    "Without: medians. With: what it is more than the system beside it, as mean ± standard error.",
    table(
      ["memory", "", "by process", `more than without, goals +${GOALS.runtimeMb} and +${GOALS.helperMb} MB`],
      MEMORY_AT.flatMap((at) => SIDES.map((side) => [at, side, memory(used[at][side]), moreOf(at, side)])),
    ),
    `${flows} flows`,
  );
}

const THREADS = ["all", ...KINDS] as const;

function threadRows({ off, more }: FlowCosts["threads"]): readonly (readonly string[])[] {
  const rows = <T>(side: Side, byRole: Readonly<Record<string, Threads<T>>>, show: (value: T) => string) =>
    Object.entries(byRole).map(([role, ofRole]) => [
      side,
      role,
      ...THREADS.map((kind) => show(ofRole[kind])),
    ]);
  return [...rows("off", off, figure), ...OTHERS.flatMap((side) => rows(side, more[side], difference))];
}

/** Whether a goal is met by a figure that most likely is within `likely`. */
export function verdict([low, high]: readonly [number, number], goal: number): string {
  if (high <= goal) return met(true);
  return low > goal ? met(false) : "can't tell";
}

const ends = ({ least, most }: Spread): string => `${signed(least)} to ${signed(most)}`;

const signed = (value: number): string => `${value < 0 ? "" : "+"}${value.toFixed(0)}`;

const startSection = ({ wallMs, cpuMs }: StartCosts): string =>
  section(
    "Until ready",
    table(
      ["", "without, ms", "with, ms", "ratio", "goal"],
      (
        [
          ["time", wallMs],
          ["CPU", cpuMs],
        ] as const
      ).map(([name, { off, on, ratio: by }]) => [
        name,
        figure(off.median),
        figure(on.median),
        likelyRatio(by),
        verdict(by.likely, GOALS.start),
      ]),
    ),
  );

const hourSection = ({ spans, seconds, before, most, after, history, dropped }: HourFigures): string =>
  section(
    "An hour's spans",
    `${spans} spans in ${figure(seconds)} s; helper ${before} MB before, ${most} MB at most, ${after} MB afterwards ` +
      `(+${after - before} MB, goal ${GOALS.helperMb}: ${met(after - before <= GOALS.helperMb)})`,
    `History: ${history.spans} spans, ${figure(history.bytes / 1e6)} of ${figure(history.budget_bytes / 1e6)} MB; dropped: ${sum(dropped)}`,
  );
