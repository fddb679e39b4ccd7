// Reads what a runtime sends after its report: its spans, the lines of its logs, and the counts of its requests and calls.

import { type Counts, countsOf, isCountsLine } from "./counts.ts";
import { readLogLine } from "./log-lines.ts";
import type { Decoded } from "./otlp.ts";
import { isSpanRow, spanOfRow } from "./span-rows.ts";
import { listOf, type ReceivedLine, type Span } from "./spans.ts";

export interface ReadBatch {
  readonly spans: Decoded<Span>;
  readonly lines: Decoded<ReceivedLine>;
  readonly counts: Counts | undefined;
}

/** What `instance` has sent. */
export function readBatch(text: string, instance: string): ReadBatch {
  const all = text.split("\n").filter((line) => line !== "");
  // Only the first can be the counts: a line of a log may begin with anything.
  const counts = isCountsLine(all[0] ?? "") ? countsOf(all[0] ?? "") : undefined;
  const lines = counts === undefined ? all : all.slice(1);
  const rows = lines.filter(isSpanRow);
  const entries = lines.filter((line) => !isSpanRow(line));
  return {
    counts,
    spans: decoded(valuesOf(rows).map((row) => spanOfRow(row, instance))),
    lines: decoded(entries.map((line) => readLogLine(line, instance))),
  };
}

function decoded<T>(read: readonly (T | undefined)[]): Decoded<T> {
  const items = read.filter((item) => item !== undefined);
  return { items, malformed: read.length - items.length };
}

/** All rows at once, which is quicker; one by one where one of them is none. */
function valuesOf(rows: readonly string[]): readonly unknown[] {
  try {
    return listOf(JSON.parse(`[${rows.join(",")}]`));
  } catch {
    return rows.map(parsed);
  }
}

function parsed(row: string): unknown {
  try {
    return JSON.parse(row);
  } catch {
    return undefined;
  }
}
