// The relay: performs what is due of an aggregate, and records the outcome. Runs by a hint after each write, and by a scheduled sweep.

import { randomUUID } from "node:crypto";
import { readSecretsEarly, secretsFresh } from "../config/secrets-fresh.ts";
import { onLambda } from "../core/on-lambda.ts";
import { type Scope, scopeOf } from "../core/scope.ts";
import { serviceLog } from "../observability/log.ts";
import { ending, inSpan } from "../observability/span.ts";
import { continueTrace, traceOf } from "../observability/trace.ts";
import { flushSpans, tracingReady } from "../observability/tracing.ts";
import { type AggregateStore, DUE_SHARDS, PARKED_SHARDS } from "../storage/aggregate-store.ts";
import { SCHEMA_UNKNOWN, StorageContention, StorageFault, StorageUnavailable } from "../storage/errors.ts";
import type { Table } from "../storage/table.ts";
import type { Performed } from "./deliver.ts";
import { beginRelayRun } from "./delivery-span.ts";
import { LateRecords } from "./late-records.ts";
import { outboxStanding } from "./standing.ts";
import { metricsNamespace, standingLine } from "./standing-metrics.ts";

export interface RelayDefinition<S> {
  /** Name of the function, `orders-relay`. */
  readonly name: string;
  readonly service: string;
  readonly store: AggregateStore<S>;
  /** Epoch milliseconds; by default the system's clock. */
  readonly now?: () => number;
  /**
   * Performs everything that is due of `state` at `now`, each at least once, and returns how to record it; undefined when
   * nothing was due. Errors of single deliveries are recorded, not thrown.
   */
  perform(state: S, now: number, scope: Scope): Promise<Performed<S> | undefined>;
}

export interface Relay {
  /**
   * Performs what is due of one aggregate and delivers its new events; called after the write that added them. Rejects, and
   * logs it, when the aggregate could not be read, worked on or recorded; a delivery that fails is recorded and does not reject.
   */
  relay(id: string, traceparent?: string): Promise<void>;
  /**
   * The sweep: performs everything that is due in the table. Returns the number of aggregates it read.
   * @throws {SweepFailed} after all was tried, when the database did not let it do its work. What is wrong with a single
   * aggregate is logged and stops no other.
   */
  sweep(): Promise<number>;
}

/** A sweep that the database kept from its work, in whole or in part. */
export class SweepFailed extends Error {
  readonly code = "sweep_failed";

  constructor(name: string, failures: readonly unknown[]) {
    super(`${name}: ${failures.length} requests of a sweep failed, the first one here as the cause`, {
      cause: failures[0],
    });
    this.name = "SweepFailed";
  }
}

/** Whether the database, rather than a single aggregate, is why work could not be done. */
const isOfDatabase = (error: unknown): boolean =>
  error instanceof StorageUnavailable || (error instanceof StorageFault && error.reason !== SCHEMA_UNKNOWN);

/**
 * An event for the relay function: a hint for the aggregate `id`, or a sweep. Schedules send `sweep` as their input, because the
 * event that AWS itself sends has an `id`, too.
 */
export type RelayEvent = { readonly id: string; readonly traceparent?: string } | { readonly sweep: true };

const SWEPT: readonly string[] = [
  ...Array.from({ length: DUE_SHARDS }, (_, shard) => String(shard)),
  ...PARKED_SHARDS,
];
const SWEEP_PAGE = 25;
const SWEEP_PAGES = 20;
const ROUNDS = 5;
const RELAY_TIMEOUT_MS = 10_000;

/** A relay as `definition` says. Concurrent hints for the same aggregate share one run. */
export function createRelay<S>(definition: RelayDefinition<S>): Relay {
  const { name, service, store, perform, now = Date.now } = definition;
  const running = new Map<string, { again: boolean }>();
  const late = new LateRecords(store, (error) =>
    serviceLog(service).warn(
      { err: error },
      `${name} could not record a delivery; the next sweep repeats it`,
    ),
  );
  // Where the sweep of a shard reached its limit of pages: the next one continues there, so that aggregates that stay overdue
  // can't block those behind them.
  const stopped = new Map<string, string>();

  /** `swept`: in a sweep, or on AWS, where a process may be frozen after this. There everything is recorded at once. */
  async function performRounds(id: string, scope: Scope, swept: boolean): Promise<void> {
    if (swept) await store.record(id);
    let state: S | undefined = swept ? await store.read(id) : await store.readRecent(id);
    for (let round = 0; state !== undefined && round < ROUNDS; round += 1) {
      const performed = await perform(state, now(), scope);
      if (!performed) return;
      if (!swept && performed.repeatable && late.defer(id, performed.record)) return;
      state = (await store.change(id, performed.record))?.state;
    }
  }

  async function relay(id: string, traceparent: string | undefined, swept: boolean): Promise<void> {
    const other = running.get(id);
    if (other) {
      other.again = true;
      return;
    }
    const self = { again: false };
    running.set(id, self);
    const span = beginRelayRun(service, name, id, traceparent);
    const trace = span === undefined ? continueTrace(traceparent) : traceOf(span.traceparent);
    const deadline = performance.now() + RELAY_TIMEOUT_MS;
    const scope = scopeOf(service, randomUUID(), trace, deadline, { aggregate: id });
    const rounds = async () => {
      do {
        self.again = false;
        await performRounds(id, scope, swept);
      } while (self.again);
    };
    try {
      await inSpan(span, () => ending(span, rounds));
    } catch (error) {
      const level = isOfDatabase(error) || error instanceof StorageContention ? "warn" : "error";
      scope.log[level]({ err: error }, `${name} failed for an aggregate; the next sweep tries again`);
      throw error;
    } finally {
      running.delete(id);
    }
  }

  async function sweepShard(shard: string, failed: (error: unknown) => void): Promise<number> {
    const until = now();
    let swept = 0;
    let after = stopped.get(shard);
    stopped.delete(shard);
    for (let pages = 0; pages < SWEEP_PAGES; pages += 1) {
      const page = await store.due(shard, until, SWEEP_PAGE, after);
      await Promise.all(page.items.map((id) => relay(id, undefined, true).catch(failed)));
      swept += page.items.length;
      after = page.next;
      if (after === undefined) return swept;
    }
    if (after !== undefined) stopped.set(shard, after);
    return swept;
  }

  return {
    // On AWS another process wrote, so the state that this process saw last is outdated.
    relay: (id, traceparent) => relay(id, traceparent, onLambda()),
    async sweep() {
      const failures: unknown[] = [];
      const failedOne = (error: unknown) => void (isOfDatabase(error) && failures.push(error));
      const failedShard = (error: unknown) => {
        failures.push(error);
        return 0;
      };
      const counts = await Promise.all(SWEPT.map((shard) => sweepShard(shard, failedOne).catch(failedShard)));
      if (failures.length > 0) throw new SweepFailed(name, failures);
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

/** Runs `relay` for `event`: for one aggregate, or as a sweep. */
export async function runRelay(relay: Relay, event: RelayEvent): Promise<void> {
  if ("id" in event) await relay.relay(event.id, event.traceparent);
  else await relay.sweep();
}

/**
 * The Lambda handler of the relay `name`. On AWS it throws when the work could not be done: Lambda counts the error, runs the event
 * again, and keeps it in the queue of failed runs; and after each sweep the age of `tables`' outboxes, and what is parked there, are
 * measured for the alarms of the stack. On this machine it logs the error, and the next sweep tries again.
 */
export function relayHandler(
  name: string,
  service: string,
  run: (event: RelayEvent) => Promise<void>,
  tables: () => readonly Table[],
): (event: RelayEvent) => Promise<void> {
  readSecretsEarly();
  return async (event) => {
    try {
      await tracingReady();
      const reading = secretsFresh();
      if (reading !== undefined) await reading;
      await run(event);
    } catch (error) {
      if (onLambda()) throw error;
      serviceLog(service).warn({ err: error }, `${name} failed; the next sweep tries again`);
    } finally {
      if (onLambda() && "sweep" in event) await measure(name, service, tables);
      // After this the process is frozen, and what waits to be sent with it.
      if (onLambda()) await flushSpans();
    }
  };
}

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
