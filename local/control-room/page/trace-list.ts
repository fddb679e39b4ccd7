// The traces that the page holds: newest first, bounded, each once. Pure.

import type { TraceSummary } from "../telemetry-contract.ts";

export const MOST_TRACES = 10_000;

/** `held` with those of `arrived`, which replace older states of the same trace. */
export function withTraces(
  held: readonly TraceSummary[],
  arrived: readonly TraceSummary[],
): readonly TraceSummary[] {
  if (arrived.length === 0) return held;
  const newer = new Map(arrived.map((trace) => [trace.trace_id, trace]));
  const added = [...newer.values()].sort(newestFirst);
  const kept = held.filter(({ trace_id }) => !newer.has(trace_id));
  const oldest = added.at(-1)?.started_at ?? 0;
  // What is older than all that arrived keeps its place: the lists are long.
  const mixed = kept.findIndex(({ started_at }) => started_at < oldest);
  const [above, below] = mixed < 0 ? [kept, []] : [kept.slice(0, mixed), kept.slice(mixed)];
  const all = (above.length === 0 ? added : added.concat(above).sort(newestFirst)).concat(below);
  return all.length > MOST_TRACES ? all.slice(0, MOST_TRACES) : all;
}

const newestFirst = (one: TraceSummary, other: TraceSummary): number => other.started_at - one.started_at;

/** Whether a trace that arrives belongs to what was asked for; undefined where only its spans tell. */
export function matchesTrace(
  { services, errors, duration_ms, started_at }: TraceSummary,
  asked: Readonly<Record<string, string>>,
): boolean | undefined {
  const { service = "", error = "", min_ms = "", max_ms = "", since = "", name = "", attribute = "" } = asked;
  if (service !== "" && !services.includes(service)) return false;
  if (error === "true" && errors === 0) return false;
  if (min_ms !== "" && duration_ms < Number(min_ms)) return false;
  if (max_ms !== "" && duration_ms > Number(max_ms)) return false;
  if (since !== "" && started_at < Number(since)) return false;
  return name === "" && attribute === "" ? true : undefined;
}
