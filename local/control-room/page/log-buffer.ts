// The lines that the page holds: newest first, bounded, each once. Pure.

import type { Level, LogLine } from "../api.ts";

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
  const added = arrived.filter(({ id }) => id > newest).toSorted((one, other) => other.id - one.id);
  return added.length === 0 ? held : [...added, ...held].slice(0, MOST_LINES);
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
