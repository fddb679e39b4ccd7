// The Lambda handler of a relay: runs it by hint and by schedule, and measures its outbox.

import { readSecretsEarly, secretsFresh } from "../config/secrets-fresh.ts";
import { onLambda } from "../core/on-lambda.ts";
import { serviceLog } from "../observability/log.ts";
import { flushSpans, tracingReady } from "../observability/tracing.ts";
import type { Table } from "../storage/table.ts";
import type { Relay } from "./relay.ts";
import { outboxStanding } from "./standing.ts";
import { metricsNamespace, standingLine } from "./standing-metrics.ts";
import type { SweepBudget } from "./sweep.ts";
import { askLambda, budgetOf, isOvertaken, type RunContext, type SweepEvent } from "./sweep-chain.ts";

/**
 * An event for the relay function: a hint for the aggregate `id`, or a sweep. Schedules send `sweep` as their input, because the
 * event that AWS itself sends has an `id`, too.
 */
export type RelayEvent = { readonly id: string; readonly traceparent?: string } | SweepEvent;

/** Runs `relay` for `event`: for one aggregate, or as a sweep, of which `budget` says how much. */
export async function runRelay(relay: Relay, event: RelayEvent, budget?: SweepBudget): Promise<void> {
  if ("id" in event) await relay.relay(event.id, event.traceparent);
  else await relay.sweep(budget);
}

/**
 * The Lambda handler of the relay `name`. On AWS it throws when the work could not be done: Lambda counts the error, runs the event
 * again, and keeps it in the queue of failed runs; and after each scheduled sweep the age of `tables`' outboxes, and what is parked there, are
 * measured for the alarms of the stack. A sweep that is not done before the function's time is up asks for another run. On this
 * machine the next sweep goes on, and errors are logged.
 */
export function relayHandler(
  name: string,
  service: string,
  run: (event: RelayEvent, budget?: SweepBudget) => Promise<void>,
  tables: () => readonly Table[],
): (event: RelayEvent, context?: RunContext) => Promise<void> {
  readSecretsEarly();
  return async (event, context) => {
    if ("sweep" in event && isOvertaken(event, Date.now())) return;
    try {
      await tracingReady();
      const reading = secretsFresh();
      if (reading !== undefined) await reading;
      await run(
        event,
        "sweep" in event ? budgetOf(event, context, service, Date.now, askLambda(name)) : undefined,
      );
    } catch (error) {
      if (onLambda()) throw error;
      serviceLog(service).warn({ err: error }, `${name} failed; the next sweep tries again`);
    } finally {
      if (onLambda() && isScheduled(event)) await measure(name, service, tables);
      // After this the process is frozen, and what waits to be sent with it.
      if (onLambda()) await flushSpans();
    }
  };
}

/** Whether it is a sweep of its own, and does not go on for another one. */
const isScheduled = (event: RelayEvent): boolean => "sweep" in event && event.from === undefined;

/** A figure that can't be had fails no run: then the alarm sees that it is missing. */
async function measure(name: string, service: string, tables: () => readonly Table[]): Promise<void> {
  const namespace = metricsNamespace(process.env["FUNCTION_PREFIX"] ?? "");
  if (namespace === "") return;
  try {
    const now = Date.now();
    process.stdout.write(standingLine(namespace, name, await outboxStanding(tables(), now), now));
  } catch (error) {
    serviceLog(service).warn({ err: error }, `${name} could not measure its outbox`);
  }
}
