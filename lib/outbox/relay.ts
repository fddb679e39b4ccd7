// The relay: performs what is due of an aggregate, and records the outcome. Runs by a hint after each write, and by a scheduled sweep.

import { randomUUID } from "node:crypto";
import { onLambda } from "../core/on-lambda.ts";
import { type Scope, scopeOf } from "../core/scope.ts";
import { serviceLog } from "../observability/log.ts";
import { ending, inSpan } from "../observability/span.ts";
import { continueTrace, traceOf } from "../observability/trace.ts";
import type { AggregateStore } from "../storage/aggregate-store.ts";
import { SCHEMA_UNKNOWN, StorageContention, StorageFault, StorageUnavailable } from "../storage/errors.ts";
import type { Performed } from "./deliver.ts";
import { beginRelayRun } from "./delivery-span.ts";
import { LateRecords } from "./late-records.ts";
import { type SweepBudget, type SweepPositions, sweepShards, UNLIMITED } from "./sweep.ts";
import { RELAY_TIMEOUT_MS } from "./sweep-chain.ts";

export interface RelayDefinition<S> {
  /** Name of the function, `orders-relay`. */
  readonly name: string;
  readonly service: string;
  readonly store: AggregateStore<S>;
  /** Epoch milliseconds; by default the system's clock. */
  readonly now?: () => number;
  /** Of its sweeps, where some of what is due takes long, and the rest must not wait for it; see `SweepSources`. */
  readonly patienceMs?: number;
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
   * The sweep: performs what is due in the table, everything or as much as `budget` allows. Returns the number of aggregates it read.
   * @throws {SweepFailed} after all was tried, when the database did not let it do its work. What is wrong with a single
   * aggregate is logged and stops no other.
   */
  sweep(budget?: SweepBudget): Promise<number>;
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

const ROUNDS = 5;

/** A relay as `definition` says. Concurrent hints for the same aggregate share one run. */
export function createRelay<S>(definition: RelayDefinition<S>): Relay {
  const { name, service, store, perform, now = Date.now, patienceMs } = definition;
  const running = new Map<string, { again: boolean }>();
  const late = new LateRecords(store, (error) =>
    serviceLog(service).warn(
      { err: error },
      `${name} could not record a delivery; the next sweep repeats it`,
    ),
  );
  // Where the sweep of a shard stopped before its end: the next one of this process continues there, so that aggregates that stay
  // overdue can't block those behind them.
  let stopped: SweepPositions = {};

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
    const begun = beginRelayRun(service, name, id, traceparent);
    const trace = begun === undefined ? continueTrace(traceparent) : traceOf(begun.traceparent);
    const span = begun?.span;
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

  async function sweep({ mayBegin, from, goOn }: SweepBudget = UNLIMITED): Promise<number> {
    const failures: unknown[] = [];
    const until = now();
    const sources = {
      due: (shard: string, limit: number, after: string | undefined) => store.due(shard, until, limit, after),
      perform: (id: string) =>
        relay(id, undefined, true).then(
          () => true,
          (error: unknown) => {
            if (isOfDatabase(error)) failures.push(error);
            return false;
          },
        ),
      unreadable: (error: unknown) => void failures.push(error),
      ...(patienceMs === undefined ? {} : { patienceMs }),
    };
    const all = () => Object.fromEntries(store.sweptShards.map((shard) => [shard, stopped[shard] ?? ""]));
    const { count, left } = await sweepShards(sources, from ?? all(), mayBegin);
    const failed = failures.length > 0;
    stopped = goOn === undefined || failed ? left : {};
    if (failed) throw new SweepFailed(name, failures);
    if (goOn !== undefined && Object.keys(left).length > 0) await goOn(left);
    return count;
  }

  return {
    // On AWS another process wrote, so the state that this process saw last is outdated.
    relay: (id, traceparent) => relay(id, traceparent, onLambda()),
    sweep,
  };
}
