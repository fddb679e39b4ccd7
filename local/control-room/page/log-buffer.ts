// The lines that the page holds: newest first, bounded, each once. Pure.

import type { Level, LogLine } from "../telemetry-contract.ts";

export const MOST_LINES = 100_000;
export const LEVELS = ["debug", "info", "warn", "error"] as const satisfies readonly Level[];

export interface LogFilter {
  readonly service: string;
  readonly level: string;
  readonly text: string;
  readonly trace_id: string;
}

/** `held` with the lines of `arrived` (in any order) that are newer than its newest. */
export function withLines(held: readonly LogLine[], arrived: readonly LogLine[]): readonly LogLine[] {
  const newest = held[0]?.id ?? Number.NEGATIVE_INFINITY;
  const added = arrived.filter(({ id }) => id > newest).sort((one, other) => other.id - one.id);
  return joined(added, held);
}

/** The lines of `newer` that are newer than the newest of `older`, and `older`; both are newest first. With long lists it costs little. */
export function joined(newer: readonly LogLine[], older: readonly LogLine[]): readonly LogLine[] {
  const newest = older[0]?.id ?? Number.NEGATIVE_INFINITY;
  let [count, end] = [0, newer.length];
  while (count < end) {
    const middle = (count + end) >> 1;
    if ((newer[middle]?.id ?? newest) > newest) count = middle + 1;
    else end = middle;
  }
  if (count === 0) return older;
  // Copied as a block, which a spread is not.
  const all = newer.slice(0, count).concat(older);
  return all.length > MOST_LINES ? all.slice(0, MOST_LINES) : all;
}

/** The same condition as the API's, for lines that arrive. */
export function matches(line: LogLine, { service, level, text, trace_id }: LogFilter): boolean {
  if (service !== "" && line.service !== service) return false;
  if (trace_id !== "" && line.trace_id !== trace_id) return false;
  const names: readonly string[] = LEVELS;
  if (names.indexOf(line.level) < names.indexOf(level)) return false;
  if (text === "") return true;
  return `${line.message}\n${JSON.stringify(line.fields)}`.toLowerCase().includes(text.toLowerCase());
}
