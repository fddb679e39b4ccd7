import { describe, expect, test } from "@jest/globals";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { AggregateStore } from "./aggregate-store.ts";
import { dueShardOf, PARKED_SHARDS } from "./due-shards.ts";
import type { Table } from "./table.ts";

interface Thing {
  readonly id: string;
  readonly parked?: true;
}

const storeOn = (table: Table, dueShards?: number) =>
  new AggregateStore<Thing>(dueShards === undefined ? table : { ...table, dueShards }, {
    schemaVersion: 1,
    id: ({ id }) => id,
    index: () => ({}),
    dueAt: () => 1_000,
    parked: ({ parked }) => parked === true,
  });

const IDS = Array.from({ length: 2_000 }, (_, no) => `thing-${no}`);

/** What a sweep of `store` finds. */
async function found(store: AggregateStore<Thing>): Promise<readonly string[]> {
  const pages = await Promise.all(store.sweptShards.map((shard) => store.due(shard, 2_000, 10_000)));
  return pages.flatMap(({ items }) => items).sort();
}

test("aggregates are spread evenly over as many shards as there are", () => {
  const counts = Map.groupBy(IDS, (id) => dueShardOf(id, false, { dueShards: 80 }));
  expect(counts.size).toBe(80);
  for (const { length } of counts.values()) expect(length).toBeLessThan((3 * IDS.length) / 80);
});

describe("the number of shards", () => {
  test("may grow while there is work: sweeps find what was placed before, and by processes that are not restarted yet", async () => {
    const table = memoryTable();
    for (const id of IDS.slice(0, 1_000)) await storeOn(table).create({ id });
    for (const id of IDS.slice(1_000)) await storeOn(table, 80).create({ id });
    expect(await found(storeOn(table, 80))).toEqual([...IDS].sort());
  });

  test("may shrink: what was rewritten is found by sweeps of both, and nothing is left behind", async () => {
    const table = memoryTable();
    const [before, after] = [storeOn(table, 80), storeOn(table, 4)];
    for (const id of IDS) await before.create({ id });
    expect((await found(after)).length).toBeLessThan(IDS.length / 10);
    for (const id of IDS) await after.rewrite(id);
    expect(await found(before)).toEqual([...IDS].sort());
    expect(await found(after)).toEqual([...IDS].sort());
  });

  test("leaves what is parked where operators' commands look for it", async () => {
    const table = memoryTable();
    await storeOn(table, 80).create({ id: "a", parked: true });
    const pages = await Promise.all(PARKED_SHARDS.map((shard) => storeOn(table).parked(shard, 10)));
    expect(pages.flatMap(({ items }) => items)).toEqual(["a"]);
  });
});
