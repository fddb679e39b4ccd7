import { describe, expect, test } from "@jest/globals";
import { countingTable } from "../../tests/support/counting-table.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { AggregateStore } from "../storage/aggregate-store.ts";
import { outboxStanding, PARKED_CAP } from "./standing.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");

interface Thing {
  readonly id: string;
  readonly due?: number;
  readonly parked?: boolean;
}

function world() {
  const operations: string[] = [];
  const table = countingTable(memoryTable(), operations);
  const store = new AggregateStore<Thing>(table, {
    schemaVersion: 1,
    id: (thing) => thing.id,
    index: () => ({}),
    dueAt: (thing) => thing.due,
    parked: (thing) => thing.parked === true,
  });
  return { table, store, operations };
}

describe("the standing of outboxes", () => {
  test("is nothing behind and nothing parked where there is nothing to deliver", async () => {
    const { table, store } = world();
    await store.create({ id: "a" });
    await store.create({ id: "b", due: NOW + 1 });
    expect(await outboxStanding([table], NOW)).toEqual({ lag_s: 0, parked: 0 });
  });

  test("says how long the longest overdue one has waited, over all tables", async () => {
    const [one, other] = [world(), world()];
    await one.store.create({ id: "a", due: NOW - 5_000 });
    await one.store.create({ id: "b", due: NOW - 90_000 });
    await other.store.create({ id: "c", due: NOW - 240_000 });
    expect(await outboxStanding([one.table], NOW)).toEqual({ lag_s: 90, parked: 0 });
    expect(await outboxStanding([one.table, other.table], NOW)).toEqual({ lag_s: 240, parked: 0 });
  });

  test("counts what is parked up to a hundred", async () => {
    const { table, store } = world();
    for (let at = 0; at < 7; at += 1) await store.create({ id: `few-${at}`, parked: true });
    expect((await outboxStanding([table], NOW)).parked).toBe(7);
    for (let at = 0; at < 150; at += 1) await store.create({ id: `many-${at}`, parked: true });
    expect((await outboxStanding([table], NOW)).parked).toBe(PARKED_CAP);
  });

  test("costs the same however many aggregates there are", async () => {
    const cost = async (count: number) => {
      const { table, store, operations } = world();
      for (let at = 0; at < count; at += 1) await store.create({ id: `a-${at}`, due: NOW + 1 });
      operations.length = 0;
      await outboxStanding([table], NOW);
      return operations.length;
    };
    expect(await cost(500)).toBe(await cost(5));
  });
});
