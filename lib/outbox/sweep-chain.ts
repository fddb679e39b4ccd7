// Sweeps on AWS that outlast one run of their function: before its time is up, a run asks for the next ones, which go on where it
// stopped. See docs/decisions/004-outbox.md.

import { onLambda } from "../core/on-lambda.ts";
import { serviceLog } from "../observability/log.ts";
import type { SweepBudget, SweepPositions } from "./sweep.ts";

/** An event that asks for a sweep. Schedules send `sweep` alone; a run that goes on for another says where, and until when. */
export interface SweepEvent {
  readonly sweep: true;
  /** Only these shards, from these positions on. */
  readonly from?: SweepPositions;
  /** Epoch milliseconds after which it is not worth running: the schedule has begun another sweep. */
  readonly until?: number;
}

/** What Lambda, and the local runtime, pass to a function. */
export interface RunContext {
  getRemainingTimeInMillis(): number;
}

/** Asks for another run of the same function. */
export type AskForRun = (event: SweepEvent) => Promise<void>;

/** Longest time that work on one aggregate takes, in milliseconds. */
export const RELAY_TIMEOUT_MS = 10_000;
/** For what follows the last aggregate: recording it, asking for the next run, measuring. */
const TO_END_MS = 1_000;
/**
 * How long one sweep and all that goes on for it may take, in milliseconds: less than the schedule's minute, so that sweeps do not
 * pile up however much is due.
 */
const CHAIN_MS = 55_000;
/** Runs that go on for a scheduled one at most, each with shards of its own. */
const PARALLEL_RUNS = 4;

/** Whether the sweep that `event` asks for has been overtaken by a later one. */
export const isOvertaken = ({ until }: SweepEvent, now: number): boolean =>
  until !== undefined && now >= until;

/** What a run of `event` may do. `ask` is undefined where the next sweep of the process goes on by itself. */
export function budgetOf(
  event: SweepEvent,
  context: RunContext | undefined,
  service: string,
  now: () => number,
  ask: AskForRun | undefined,
): SweepBudget {
  const until = event.until ?? now() + CHAIN_MS;
  const mayBegin = () =>
    globalThis.cfmpOrderDraining !== true &&
    (context?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY) > RELAY_TIMEOUT_MS + TO_END_MS;
  const from = event.from === undefined ? {} : { from: event.from };
  if (ask === undefined) return { mayBegin, ...from };
  return {
    mayBegin,
    ...from,
    async goOn(left) {
      if (now() >= until) return;
      const parts = event.from === undefined ? partsOf(left) : [left];
      try {
        await Promise.all(parts.map((part) => ask({ sweep: true, from: part, until })));
      } catch (error) {
        serviceLog(service).warn(
          { err: error },
          "a sweep could not ask for its next run; the schedule goes on",
        );
      }
    },
  };
}

/** `left` in at most {@link PARALLEL_RUNS} parts. */
function partsOf(left: SweepPositions): readonly SweepPositions[] {
  const shards = Object.entries(left);
  const parts = Array.from({ length: Math.min(PARALLEL_RUNS, shards.length) }, (_, part) =>
    shards.filter((_shard, at) => at % PARALLEL_RUNS === part),
  );
  return parts.map((part) => Object.fromEntries(part));
}

/** Asks Lambda; undefined in the local runtime, and where functions have no prefix. */
export function askLambda(name: string): AskForRun | undefined {
  const prefix = process.env["FUNCTION_PREFIX"] ?? "";
  if (!onLambda() || prefix === "") return undefined;
  return async (event) => {
    // Only where a sweep is not done in time: otherwise a start would load the signing for nothing.
    const { invokeFunction } = await import("../core/aws-request.ts");
    await invokeFunction(prefix + name, JSON.stringify(event), TO_END_MS);
  };
}
