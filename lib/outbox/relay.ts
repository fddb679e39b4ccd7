// The relay: does what is due of an aggregate, and records that it did. Hinted after each write, swept by schedule.

import { randomUUID } from "node:crypto";
import { onLambda } from "../core/on-lambda.ts";
import { openScope, type Scope } from "../core/scope.ts";
import { serviceLog } from "../observability/log.ts";
import { type AggregateStore, DUE_SHARDS, PARKED_SHARDS } from "../storage/aggregate-store.ts";
import type { Step } from "./deliver.ts";

export interface RelayDefinition<S> {
  /** Name of the function, `orders-relay`. */
  readonly name: string;
  readonly service: string;
  readonly store: AggregateStore<S>;
  /** Epoch milliseconds; the system's clock unless a test or a simulation brings its own. */
  readonly now?: () => number;
  /**
   * Does everything that is due of `state` at `now` through ports, each at least once, and returns what to record of
   * it; undefined when nothing was due. Errors of single deliveries are recorded, not thrown.
   */
  perform(state: S, now: number, scope: Scope): Promise<Step<S> | undefined>;
}

export interface Relay {
  /** Does what is due of one aggregate, and delivers its new events: called right after the write that added them. */
  relay(id: string, traceparent?: string): Promise<void>;
  /** Does all that is due. Returns how many aggregates it looked at. */
  sweep(): Promise<number>;
}

/** An event for the relay function: a hint at one aggregate, or (a schedule's) to sweep. */
export interface RelayEvent {
  readonly id?: string;
  readonly traceparent?: string;
}

const SWEPT: readonly string[] = [
  ...Array.from({ length: DUE_SHARDS }, (_, shard) => String(shard)),
  ...PARKED_SHARDS,
];
const SWEEP_PAGE = 25;
const SWEEP_PAGES = 20;
const ROUNDS = 5;
const RELAY_TIMEOUT_MS = 10_000;

/** A relay over `definition`; running hints for the same aggregate are joined. */
export function createRelay<S>(definition: RelayDefinition<S>): Relay {
  const { name, service, store, perform, now = Date.now } = definition;
  const running = new Map<string, { again: boolean }>();
  // Where a shard's sweep ran out of pages: the next goes on there, so that nothing overdue can hide what is behind it.
  const stopped = new Map<string, string>();

  async function settle(
    id: string,
    scope: Scope,
    read: (id: string) => Promise<S | undefined>,
  ): Promise<void> {
    let state: S | undefined = await read(id);
    for (let round = 0; state !== undefined && round < ROUNDS; round += 1) {
      const record = await perform(state, now(), scope);
      if (!record) return;
      state = (await store.change(id, record))?.state;
    }
  }

  async function relay(id: string, traceparent: string | undefined, fresh: boolean): Promise<void> {
    const other = running.get(id);
    if (other) {
      other.again = true;
      return;
    }
    const self = { again: false };
    running.set(id, self);
    const scope = openScope(service, randomUUID(), traceparent, performance.now() + RELAY_TIMEOUT_MS, {
      aggregate: id,
    });
    try {
      do {
        self.again = false;
        await settle(id, scope, fresh ? (key) => store.read(key) : (key) => store.readRecent(key));
      } while (self.again);
    } catch (error) {
      scope.log.warn({ err: error }, `${name} will try again`);
    } finally {
      running.delete(id);
    }
  }

  async function sweepShard(shard: string): Promise<number> {
    const until = now();
    let seen = 0;
    let after = stopped.get(shard);
    stopped.delete(shard);
    for (let pages = 0; pages < SWEEP_PAGES; pages += 1) {
      const page = await store.due(shard, until, SWEEP_PAGE, after);
      await Promise.all(page.items.map((id) => relay(id, undefined, true)));
      seen += page.items.length;
      after = page.next;
      if (after === undefined) return seen;
    }
    if (after !== undefined) stopped.set(shard, after);
    return seen;
  }

  return {
    // On AWS it was another process that wrote, so what this one saw last is out of date.
    relay: (id, traceparent) => relay(id, traceparent, onLambda()),
    async sweep() {
      const counts = await Promise.all(SWEPT.map(sweepShard));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

/** Does what `event` asks `relay` for: what is due of one aggregate, or all that is. */
export async function runRelay(relay: Relay, { id, traceparent }: RelayEvent): Promise<void> {
  if (typeof id === "string") await relay.relay(id, traceparent);
  else await relay.sweep();
}

/**
 * The Lambda handler of the relay `name`. It never throws: a throw in an asynchronous invocation takes a local process down.
 */
export function relayHandler(
  name: string,
  service: string,
  run: (event: RelayEvent) => Promise<void>,
): (event: RelayEvent) => Promise<void> {
  return async (event) => {
    try {
      await run(event);
    } catch (error) {
      serviceLog(service).warn({ err: error }, `${name} failed; the next sweep tries again`);
    }
  };
}
