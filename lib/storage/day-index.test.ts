import { describe, expect, test } from "@jest/globals";
import { countingTable } from "../../tests/support/counting-table.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { AggregateStore, type Codec } from "./aggregate-store.ts";
import { DAY_SHARDS, dayKeys, idsOfWindow } from "./day-index.ts";

interface Thing {
  readonly id: string;
  readonly at: string;
}

const codec: Codec<Thing> = {
  schemaVersion: 1,
  id: ({ id }) => id,
  index: ({ id, at }) => dayKeys(id, at),
  dueAt: () => undefined,
};

async function all(ids: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const id of ids) found.push(id);
  return found;
}

const NOON = Date.parse("2026-11-01T12:00:00.000Z");
const HOUR = 3_600_000;

async function stored(count: number) {
  const operations: string[] = [];
  const store = new AggregateStore(countingTable(memoryTable(), operations), codec);
  const things = Array.from({ length: count }, (_, no) => ({
    id: `thing-${no}`,
    at: new Date(NOON + no * HOUR).toISOString(),
  }));
  for (const thing of things) await store.create(thing);
  operations.length = 0;
  const walk = async (since: number, until: number) => {
    const ids = await all(idsOfWindow((query) => store.listIds(query), { since, until }));
    return ids.sort((a, b) => Number(a.slice(6)) - Number(b.slice(6)));
  };
  return { walk, operations };
}

describe("a window", () => {
  test("has all that began in it, its beginning included and its end not", async () => {
    const { walk } = await stored(60);
    const ids = Array.from({ length: 60 }, (_, no) => `thing-${no}`);
    expect(await walk(NOON, NOON + 60 * HOUR)).toEqual(ids);
    expect(await walk(NOON, NOON + HOUR)).toEqual(["thing-0"]);
    expect(await walk(NOON + 1, NOON + HOUR + 1)).toEqual(["thing-1"]);
    expect(await walk(NOON + 5 * HOUR, NOON + 30 * HOUR)).toEqual(ids.slice(5, 30));
    expect(await walk(NOON, NOON)).toEqual([]);
  });

  test("costs a query for each day and shard, however much the table holds", async () => {
    const { walk, operations } = await stored(60);
    await walk(NOON, NOON + 2 * HOUR);
    expect(operations).toHaveLength(DAY_SHARDS);
  });

  test("is walked page by page", async () => {
    const store = new AggregateStore(memoryTable(), codec);
    const at = new Date(NOON).toISOString();
    for (let no = 0; no < 2_500; no += 1) await store.create({ id: `same-${no}`, at });
    const window = { since: NOON, until: NOON + 1 };
    const ids = await all(idsOfWindow((query) => store.listIds(query), window));
    expect(new Set(ids).size).toBe(2_500);
    expect(ids).toHaveLength(2_500);
  });
});

test("ids spread over the shards of a day", () => {
  const at = new Date(NOON).toISOString();
  const keys = Array.from({ length: 1_000 }, (_, no) => dayKeys(`thing-${no}`, at).day_shard);
  expect(new Set(keys).size).toBe(DAY_SHARDS);
});
