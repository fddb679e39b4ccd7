// What a plot shows of a metric: which of its lines, what they are called, and how their values and times are written. Pure.

import type { RuntimeView } from "../map-contract.ts";
import type { MetricSeries } from "../telemetry-contract.ts";
import { bytes, clock, duration, NONE, plain, share } from "./format.ts";

export const MOST_LINES = 8;
const DAY_S = 86_400;

type Line = MetricSeries["series"][number];

/** At most {@link MOST_LINES}: those with the largest values, in the order in which they came. */
export function shownLines(lines: readonly Line[]): readonly Line[] {
  if (lines.length <= MOST_LINES) return lines;
  const largest = lines.toSorted((one, other) => peakOf(other) - peakOf(one)).slice(0, MOST_LINES);
  return lines.filter((line) => largest.includes(line));
}

/** Where a value stands between gaps: no line leads to it, so it needs a point. */
export const lonePlaces = (values: ArrayLike<number | null | undefined>): number[] =>
  Array.from(values, (value, index) =>
    value != null && values[index - 1] == null && values[index + 1] == null ? index : -1,
  ).filter((index) => index >= 0);

const peakOf = ({ values }: Line): number =>
  values.reduce<number>((most, value) => Math.max(most, value ?? 0), Number.NEGATIVE_INFINITY);

/** A runtime by its process, where that is known: its id says nothing to a reader. `client`: what callers from outside are called. */
export function lineLabel(
  name: string,
  { labels }: Pick<Line, "labels">,
  runtimes: readonly Pick<RuntimeView, "id" | "pid">[],
  client = "client",
): string {
  const texts = Object.entries(labels).map(([label, value]) => {
    if (label !== "runtime") return value === "client" ? client : value;
    const pid = runtimes.find(({ id }) => id === value)?.pid;
    return pid === undefined ? `${value.slice(0, 8)}…` : `${pid}`;
  });
  return texts.join(" → ") || name;
}

/** A value with its unit. */
export function valueText(unit: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  if (unit === "bytes") return bytes(value);
  if (unit === "ms") return duration(value);
  if (unit === "cores") return share(value);
  return plain(Math.round(value * 100) / 100);
}

/** Marks of the axis of time, in seconds, with a distance of `step` seconds: the date at midnight, else the time of day. */
export function timeMarks(marks: readonly number[], step: number): string[] {
  return marks.map((mark) => {
    const time = new Date(mark * 1_000);
    const isMidnight = clock(mark * 1_000).startsWith("00:00:00");
    if (isMidnight || step >= DAY_S) return `${time.getMonth() + 1}-${time.getDate()}`;
    return clock(mark * 1_000).slice(0, step < 60 ? 8 : 5);
  });
}
