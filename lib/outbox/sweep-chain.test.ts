// Sweeps that go on in further runs of their function, on a Lambda in memory: runs die at any step, asked-for runs come twice or not at
// all, and a schedule fires every minute.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { setLogSink } from "../observability/log.ts";
import { AggregateStore } from "../storage/aggregate-store.ts";
import type { Table } from "../storage/table.ts";
import { deliverOutbox } from "./deliver.ts";
import { enqueue, nextDelivery, type Outbox } from "./outbox.ts";
import { createRelay } from "./relay.ts";
import { runRelay } from "./relay-handler.ts";
import { budgetOf, isOvertaken, type SweepEvent } from "./sweep-chain.ts";

interface Sender {
  readonly id: string;
  readonly outbox: Outbox<string>;
}

const BEGIN = Date.parse("2026-03-01T12:00:00.000Z");
const TIMEOUT_MS = 15_000;
const MINUTE_MS = 60_000;
/** Lambda runs an event that failed twice more. */
const TRIES = 3;

beforeEach(() => setLogSink(() => {}));
afterEach(() => {
  globalThis.cfmpOrderLogSink = undefined;
});

interface Fate {
  /** The run dies at this operation of its own; never with a high number. */
  readonly diesAt: number;
  /** Whether that operation still took effect. */
  readonly after: boolean;
  /** How often the runs that it asks for come: an asynchronous invocation comes at least once, unless the call itself was lost. */
  readonly asked: number;
}

const SOUND: Fate = { diesAt: Number.POSITIVE_INFINITY, after: false, asked: 1 };

/** `count` overdue aggregates and a Lambda on which they are swept; every operation takes `stepMs`. */
async function lambda(count: number, stepMs: number, fates: readonly Fate[]) {
  const table = memoryTable();
  const received = new Map<string, number>();
  const waiting: { readonly event: SweepEvent; readonly tries: number }[] = [];
  const ended = { runs: 0, dead: 0, atOnce: 0 };
  const next = [...fates];
  let time = BEGIN;
  const now = () => time;
  const operator = storeOf(table);
  for (let no = 0; no < count; no += 1)
    await operator.create({ id: `sender-${no}`, outbox: enqueue([], "e", "", BEGIN - MINUTE_MS) });

  async function run(event: SweepEvent, tries: number): Promise<void> {
    const fate = next.shift() ?? SOUND;
    const began = time;
    let operations = 0;
    /** One operation of this run; all that follows its death has no effect. */
    async function step<T>(work: () => Promise<T>): Promise<T> {
      operations += 1;
      time += stepMs;
      if (operations > fate.diesAt || (operations === fate.diesAt && !fate.after))
        throw new Error("died before");
      const done = await work();
      if (operations === fate.diesAt) throw new Error("died after");
      return done;
    }
    const mortal: Table = {
      ...table,
      get: (id) => step(() => table.get(id)),
      put: (item, replaces) => step(() => table.put(item, replaces)),
      queryIds: (query) => step(() => table.queryIds(query)),
    };
    const relay = createRelay<Sender>({
      name: "test-relay",
      service: "TestService",
      store: storeOf(mortal),
      now,
      perform: (sender, at, scope) =>
        deliverOutbox(sender, at, scope, () =>
          step(async () => {
            received.set(sender.id, (received.get(sender.id) ?? 0) + 1);
            return undefined;
          }),
        ),
    });
    const ask = (asked: SweepEvent) =>
      step(async () => {
        // As it travels.
        const sent: SweepEvent = JSON.parse(JSON.stringify(asked));
        for (let copy = 0; copy < fate.asked; copy += 1) waiting.push({ event: sent, tries: TRIES });
      });
    const context = { getRemainingTimeInMillis: () => began + TIMEOUT_MS - time };
    ended.runs += 1;
    try {
      if (isOvertaken(event, now())) return;
      await runRelay(relay, event, budgetOf(event, context, "TestService", now, ask));
      if (operations >= fate.diesAt) throw new Error("dead");
    } catch {
      ended.dead += 1;
      if (tries > 1) waiting.push({ event, tries: tries - 1 });
    }
  }

  /** Until nothing is due: what waits is run at once, and the schedule's sweep each minute. */
  async function drained(): Promise<{ readonly minutes: number }> {
    for (let minutes = 0; minutes < 60; minutes += 1) {
      time = Math.max(time, BEGIN + minutes * MINUTE_MS);
      waiting.push({ event: { sweep: true }, tries: TRIES });
      while (waiting.length > 0) {
        const batch = waiting.splice(0);
        ended.atOnce = Math.max(ended.atOnce, batch.length);
        await Promise.all(batch.map(({ event, tries }) => run(event, tries)));
      }
      if ((await dueIn(operator)) === 0) return { minutes: minutes + 1 };
    }
    throw new Error("an hour of sweeps was not enough");
  }

  return { drained, received, ended };
}

const storeOf = (table: Table) =>
  new AggregateStore<Sender>(table, {
    schemaVersion: 1,
    id: ({ id }) => id,
    index: () => ({}),
    dueAt: ({ outbox }) => nextDelivery(outbox),
  });

async function dueIn(store: AggregateStore<Sender>): Promise<number> {
  const pages = await Promise.all(
    store.sweptShards.map((shard) => store.due(shard, Date.parse("9000-01-01"), 1)),
  );
  return pages.reduce((sum, { items }) => sum + items.length, 0);
}

describe("a sweep of more than one run can do", () => {
  test("goes on at once in further runs, four at a time, and delivers each event once within the schedule's minute", async () => {
    // Some 4 s of each run may be used: 400 operations.
    const { drained, received, ended } = await lambda(1_000, 10, []);
    expect(await drained()).toEqual({ minutes: 1 });
    expect([...received.values()].every((times) => times === 1)).toBe(true);
    expect(received.size).toBe(1_000);
    expect(ended.runs).toBeGreaterThan(4);
    expect(ended.atOnce).toBe(4);
  });

  test("ends within a minute, so that the schedule's next sweep is the only one; that one goes on", async () => {
    const { drained, received, ended } = await lambda(1_500, 50, []);
    const { minutes } = await drained();
    expect(minutes).toBeGreaterThan(1);
    expect([...received.values()].every((times) => times === 1)).toBe(true);
    expect(received.size).toBe(1_500);
    expect(ended.atOnce).toBeLessThanOrEqual(4);
  });

  test("loses nothing, and repeats only what a death left unrecorded, wherever runs die and however often asked-for runs come", async () => {
    const fate: fc.Arbitrary<Fate> = fc.record({
      diesAt: fc.oneof(fc.integer({ min: 1, max: 700 }), fc.constant(Number.POSITIVE_INFINITY)),
      after: fc.boolean(),
      asked: fc.constantFrom(1, 1, 1, 0, 2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 12 }), async (fates) => {
        const { drained, received, ended } = await lambda(400, 20, fates);
        await drained();
        expect(received.size).toBe(400);
        const again = [...received.values()].reduce((sum, times) => sum + times - 1, 0);
        if (ended.dead === 0 && fates.every(({ asked }) => asked < 2)) expect(again).toBe(0);
        // No more than the 200 of a run that were under way.
        const doubled = fates.filter(({ asked }) => asked > 1).length;
        expect(again).toBeLessThanOrEqual(200 * (ended.dead + 4 * doubled));
      }),
      { numRuns: 60 },
    );
  });
});

describe("a run that was asked for", () => {
  const event: SweepEvent = { sweep: true, from: { "1": "x" }, until: BEGIN + 1 };

  test("does nothing once the schedule has begun another sweep", () => {
    expect(isOvertaken(event, BEGIN)).toBe(false);
    expect(isOvertaken(event, BEGIN + 1)).toBe(true);
    expect(isOvertaken({ sweep: true }, BEGIN)).toBe(false);
  });

  test("asks for one further run with the shards that are left, and for none after the end of its minute", async () => {
    const asked: SweepEvent[] = [];
    const ask = async (next: SweepEvent) => void asked.push(next);
    let time = BEGIN;
    const budget = budgetOf(event, undefined, "TestService", () => time, ask);
    expect(budget.from).toEqual({ "1": "x" });
    await budget.goOn?.({ "1": "y", "2": "" });
    expect(asked).toEqual([{ sweep: true, from: { "1": "y", "2": "" }, until: BEGIN + 1 }]);
    time += 1;
    await budget.goOn?.({ "1": "z" });
    expect(asked).toHaveLength(1);
  });

  test("that Lambda does not accept is left to the schedule: the run itself succeeds", async () => {
    const ask = () => Promise.reject(new Error("Lambda answered 429"));
    const budget = budgetOf({ sweep: true }, undefined, "TestService", () => BEGIN, ask);
    await expect(budget.goOn?.({ "0": "" })).resolves.toBeUndefined();
  });
});

test("no further work is begun when a delivery could take longer than the function may, nor by a runtime that ends", () => {
  let left = 11_001;
  const budget = budgetOf(
    { sweep: true },
    { getRemainingTimeInMillis: () => left },
    "TestService",
    () => BEGIN,
    undefined,
  );
  expect(budget.goOn).toBeUndefined();
  expect(budget.mayBegin()).toBe(true);
  left = 11_000;
  expect(budget.mayBegin()).toBe(false);
  left = 15_000;
  globalThis.cfmpOrderDraining = true;
  try {
    expect(budget.mayBegin()).toBe(false);
  } finally {
    globalThis.cfmpOrderDraining = undefined;
  }
});
