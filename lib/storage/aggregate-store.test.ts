import { describe, expect, jest, test } from "@jest/globals";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { AggregateStore, type Codec } from "./aggregate-store.ts";
import { DEFERRED_LIMIT } from "./deferred-steps.ts";
import { DUE_SHARDS, PARKED_SHARDS } from "./due-shards.ts";
import { SCHEMA_UNKNOWN, StorageContention, StorageFault } from "./errors.ts";
import { parkedWrites } from "./parked-writes.ts";
import type { Item, Table } from "./table.ts";

interface Counter {
  readonly id: string;
  readonly count: number;
  readonly due?: number;
  readonly parked?: boolean;
}

const codec: Codec<Counter> = {
  schemaVersion: 1,
  id: (counter) => counter.id,
  index: (counter) => ({ owner: "ann", created: counter.id }),
  dueAt: (counter) => counter.due,
  parked: (counter) => counter.parked === true,
};

/** A table in memory that lists its operations. */
function watchedTable() {
  const table = memoryTable();
  const calls: string[] = [];
  const watched: Table = {
    ...table,
    get(id) {
      calls.push("get");
      return table.get(id);
    },
    put(item, replaces) {
      calls.push("put");
      return table.put(item, replaces);
    },
  };
  return { table: watched, calls };
}

describe("read", () => {
  test("parses an item once while its text is the same, and anew when it was changed, even under the same version", async () => {
    const table = memoryTable();
    const store = new AggregateStore(table, codec);
    await new AggregateStore(table, codec).create({ id: "a", count: 1 });
    const first = await store.read("a");
    expect(first).toEqual({ id: "a", count: 1 });
    expect(await store.read("a")).toBe(first);
    const item = await table.get("a");
    if (item === undefined) throw new Error("it is not there");
    const changed: Table = { ...table, get: async () => ({ ...item, doc: '{"id":"a","count":2}' }) };
    const between = new AggregateStore(
      { ...table, get: (id) => (tampered ? changed : table).get(id) },
      codec,
    );
    let tampered = false;
    expect(await between.read("a")).toEqual(first);
    tampered = true;
    expect(await between.read("a")).toEqual({ id: "a", count: 2 });
  });

  test("gives what another process has written since", async () => {
    const table = memoryTable();
    const [here, there] = [new AggregateStore(table, codec), new AggregateStore(table, codec)];
    await there.create({ id: "a", count: 1 });
    expect(await here.read("a")).toEqual({ id: "a", count: 1 });
    await there.change("a", increment);
    expect(await here.read("a")).toEqual({ id: "a", count: 2 });
  });
});

const increment = (counter: Counter): Counter => ({ ...counter, count: counter.count + 1 });

describe("change", () => {
  test("starts from the state that was written a moment ago, without reading", async () => {
    const { table, calls } = watchedTable();
    const store = new AggregateStore(table, codec);
    await store.create({ id: "a", count: 0 });
    expect(await store.change("a", increment)).toEqual({
      state: { id: "a", count: 1 },
      before: { id: "a", count: 0 },
      changed: true,
    });
    expect(calls).toEqual(["put", "put"]);
  });

  test("reads again when the cached state is more than a few seconds old", async () => {
    const { table, calls } = watchedTable();
    let now = 0;
    const store = new AggregateStore(table, codec, () => now);
    await store.create({ id: "a", count: 0 });
    now = 5_000;
    await store.change("a", increment);
    expect(calls).toEqual(["put", "get", "put"]);
  });

  test("is decided anew when another process wrote since", async () => {
    const { table } = watchedTable();
    const [here, there] = [new AggregateStore(table, codec), new AggregateStore(table, codec)];
    await here.create({ id: "a", count: 0 });
    await there.change("a", () => ({ id: "a", count: 10 }));
    expect((await here.change("a", increment))?.state.count).toBe(11);
  });

  test("a refusal that only an outdated state called for is not thrown", async () => {
    const { table } = watchedTable();
    const [here, there] = [new AggregateStore(table, codec), new AggregateStore(table, codec)];
    await here.create({ id: "a", count: 0 });
    await there.change("a", increment);
    const done = await here.change("a", (counter) => {
      if (counter.count === 0) throw new Error("nothing to double");
      return { ...counter, count: counter.count * 2 };
    });
    expect(done?.state.count).toBe(2);
  });

  test("a refusal of the state as it is stored is thrown, and nothing is written", async () => {
    const { table, calls } = watchedTable();
    const store = new AggregateStore(table, codec);
    await store.create({ id: "a", count: 0 });
    const refuse = () => {
      throw new Error("refused");
    };
    await expect(store.change("a", refuse)).rejects.toThrow("refused");
    expect(calls).toEqual(["put", "get"]);
    expect(await store.read("a")).toEqual({ id: "a", count: 0 });
  });

  test("that changes nothing writes nothing, after a read of what is stored", async () => {
    const { table, calls } = watchedTable();
    const [here, there] = [new AggregateStore(table, codec), new AggregateStore(table, codec)];
    await here.create({ id: "a", count: 0 });
    await there.change("a", increment);
    calls.length = 0;
    expect(await here.change("a", (counter) => counter)).toEqual({
      state: { id: "a", count: 1 },
      before: { id: "a", count: 1 },
      changed: false,
    });
    expect(calls).toEqual(["get"]);
  });

  test("of what does not exist gives undefined", async () => {
    expect(await new AggregateStore(memoryTable(), codec).change("none", increment)).toBeUndefined();
  });

  test("20 at once in one process take turns: none loses a race, and nothing is read", async () => {
    const { table, calls } = watchedTable();
    const store = new AggregateStore(table, codec);
    await store.create({ id: "a", count: 0 });
    await Promise.all(Array.from({ length: 20 }, () => store.change("a", increment)));
    expect((await store.read("a"))?.count).toBe(20);
    expect(calls).toEqual([...Array(21).fill("put"), "get"]);
  });

  test("that fails does not hold up the next one", async () => {
    const store = new AggregateStore(memoryTable(), codec);
    await store.create({ id: "a", count: 0 });
    const refused = store.change("a", () => {
      throw new Error("refused");
    });
    const next = store.change("a", increment);
    await expect(refused).rejects.toThrow("refused");
    expect((await next)?.state.count).toBe(1);
  });

  test("20 at once over 4 processes are all applied, each once", async () => {
    const { table } = watchedTable();
    const stores = Array.from({ length: 4 }, () => new AggregateStore(table, codec));
    await stores[0]?.create({ id: "a", count: 0 });
    await Promise.all(Array.from({ length: 20 }, (_, at) => stores[at % 4]?.change("a", increment)));
    expect(await table.get("a")).toMatchObject({ version: 21, doc: '{"id":"a","count":20}' });
  });

  test("that always loses the race ends as StorageContention", async () => {
    const { table } = watchedTable();
    await table.put(anItem("a", '{"id":"a","count":0}'), 0);
    const store = new AggregateStore({ ...table, put: async () => false }, codec);
    await expect(store.change("a", increment)).rejects.toThrow(StorageContention);
  });

  test("a failed write is not taken for the state of things", async () => {
    const { table } = watchedTable();
    const failing: Table = {
      ...table,
      put: (item, replaces) =>
        replaces === 0 ? table.put(item, replaces) : Promise.reject(new Error("connection lost")),
    };
    const store = new AggregateStore(failing, codec);
    await store.create({ id: "a", count: 0 });
    await expect(store.change("a", increment)).rejects.toThrow("connection lost");
    expect((await store.readRecent("a"))?.count).toBe(0);
  });
});

describe("create", () => {
  test("says false when the id is taken, and changes nothing", async () => {
    const store = new AggregateStore(memoryTable(), codec);
    expect(await store.create({ id: "a", count: 1 })).toBe(true);
    expect(await store.create({ id: "a", count: 2 })).toBe(false);
    expect((await store.read("a"))?.count).toBe(1);
  });
});

describe("due", () => {
  const everyShard = async (store: AggregateStore<Counter>, now: number, limit = 100) =>
    (
      await Promise.all(
        Array.from({ length: DUE_SHARDS }, (_, shard) => store.due(String(shard), now, limit)),
      )
    ).flatMap((page) => page.items);

  test("lists what is due by now in exactly one shard, and nothing else", async () => {
    const store = new AggregateStore(memoryTable(), codec);
    await store.create({ id: "past", count: 0, due: 999 });
    await store.create({ id: "now", count: 0, due: 1_000 });
    await store.create({ id: "later", count: 0, due: 1_001 });
    await store.create({ id: "never", count: 0 });
    expect((await everyShard(store, 1_000)).sort()).toEqual(["now", "past"]);
  });

  test("an aggregate that owes nothing any more is not listed", async () => {
    const store = new AggregateStore(memoryTable(), codec);
    await store.create({ id: "a", count: 0, due: 1 });
    await store.change("a", ({ id, count }) => ({ id, count }));
    expect(await everyShard(store, 2_000)).toEqual([]);
  });

  test("goes on after a page, however long its items stay due", async () => {
    const store = new AggregateStore(memoryTable(), codec);
    const ids = Array.from({ length: 40 }, (_, at) => `id-${at}`);
    for (const [at, id] of ids.entries()) await store.create({ id, count: 0, due: at });
    const seen: string[] = [];
    for (let shard = 0; shard < DUE_SHARDS; shard += 1) {
      let after: string | undefined;
      do {
        const page = await store.due(String(shard), 1_000, 3, after);
        seen.push(...page.items);
        after = page.next;
      } while (after !== undefined);
    }
    expect(seen.sort()).toEqual([...ids].sort());
  });

  test("ids are spread over all shards", async () => {
    const store = new AggregateStore(memoryTable(), codec);
    for (let at = 0; at < 200; at += 1) await store.create({ id: `order-${at}`, count: 0, due: 1 });
    for (let shard = 0; shard < DUE_SHARDS; shard += 1) {
      expect((await store.due(String(shard), 1_000, 100)).items.length).toBeGreaterThan(20);
    }
  });
});

describe("parked", () => {
  const listed = async (store: AggregateStore<Counter>) =>
    (await Promise.all(PARKED_SHARDS.map((shard) => store.parked(shard, 100)))).flatMap(({ items }) => items);
  const dueNow = async (store: AggregateStore<Counter>, now: number) =>
    (await Promise.all(PARKED_SHARDS.map((shard) => store.due(String(shard), now, 100)))).flatMap(
      ({ items }) => items,
    );

  test("lists what waits for a person, and nothing else", async () => {
    const store = new AggregateStore(memoryTable(), codec);
    await store.create({ id: "sound", count: 0, due: 1 });
    const before = parkedWrites();
    await store.create({ id: "parked", count: 0, parked: true });
    await store.create({ id: "both", count: 0, parked: true, due: 5 });
    expect((await listed(store)).sort()).toEqual(["both", "parked"]);
    expect(parkedWrites() - before).toBe(2);
    await store.change("parked", ({ id, count }) => ({ id, count }));
    expect(parkedWrites() - before).toBe(2);
    expect(await listed(store)).toEqual(["both"]);
  });

  test("holds nothing else of the aggregate up: what else it owes is due in time", async () => {
    const store = new AggregateStore(memoryTable(), codec);
    await store.create({ id: "parked", count: 0, parked: true });
    await store.create({ id: "both", count: 0, parked: true, due: 5 });
    expect(await dueNow(store, 4)).toEqual([]);
    expect(await dueNow(store, 5)).toEqual(["both"]);
    expect(await dueNow(store, Date.parse("9000-01-01"))).toEqual(["both"]);
  });

  test("is read page by page, the next due first", async () => {
    const store = new AggregateStore(memoryTable(), codec);
    for (let at = 0; at < 20; at += 1) await store.create({ id: `id-${at}`, count: 0, parked: true });
    const seen: string[] = [];
    for (const shard of PARKED_SHARDS) {
      let after: string | undefined;
      do {
        const page = await store.parked(shard, 2, after);
        seen.push(...page.items);
        after = page.next;
      } while (after !== undefined);
    }
    expect(new Set(seen).size).toBe(20);
    expect(seen).toHaveLength(20);
  });
});

describe("an item of another schema version", () => {
  const old = anItem("a", '{"id":"a","n":7}', 0);

  test("is upcast when the codec knows how", async () => {
    const table = memoryTable();
    await table.put(old, 0);
    const upcast = (doc: unknown) => ({ id: "a", count: Reflect.get(Object(doc), "n") });
    expect(await new AggregateStore(table, { ...codec, upcast }).read("a")).toEqual({ id: "a", count: 7 });
  });

  test("is a fault when it does not", async () => {
    const table = memoryTable();
    await table.put(old, 0);
    await expect(new AggregateStore(table, codec).read("a")).rejects.toThrow(StorageFault);
  });

  test("of a later version is not taken for an older one, and stays as it is", async () => {
    const table = memoryTable();
    await table.put(anItem("a", '{"id":"a","n":7}', 9), 0);
    const upcast = () => ({ id: "a", count: 0 });
    const store = new AggregateStore(table, { ...codec, upcast });
    const refused = { reason: SCHEMA_UNKNOWN };
    await expect(store.read("a")).rejects.toMatchObject(refused);
    await expect(store.change("a", (state) => state)).rejects.toMatchObject(refused);
    await expect(store.rewrite("a", false)).rejects.toMatchObject(refused);
    expect(await table.get("a")).toMatchObject({ version: 1, schemaVersion: 9 });
  });
});

test("the memory of recent states is bounded", async () => {
  const { table, calls } = watchedTable();
  const store = new AggregateStore(table, codec);
  for (let at = 0; at < 2_100; at += 1) await store.create({ id: `id-${at}`, count: 0 });
  calls.length = 0;
  await store.readRecent("id-2099");
  expect(calls).toEqual([]);
  await store.readRecent("id-0");
  expect(calls).toEqual(["get"]);
});

function anItem(id: string, doc: string, schemaVersion = 1): Item {
  return { id, version: 1, schemaVersion, doc, index: {} };
}

describe("a deferred step", () => {
  const finish = (counter: Counter): Counter => {
    const { due: _due, ...rest } = counter;
    return _due === undefined ? counter : rest;
  };
  const stored = async (table: Table): Promise<Counter> => JSON.parse((await table.get("a"))?.doc ?? "{}");

  async function deferred() {
    const { table, calls } = watchedTable();
    const store = new AggregateStore(table, codec);
    await store.create({ id: "a", count: 0, due: 1 });
    expect(store.defer("a", finish)).toBe(true);
    calls.length = 0;
    return { table, calls, store };
  }

  test("is written with the next change, which starts from the state after it", async () => {
    const { table, calls, store } = await deferred();
    expect((await store.change("a", increment))?.before).toEqual({ id: "a", count: 0 });
    await store.record("a");
    expect(calls).toEqual(["put"]);
    expect(await stored(table)).toEqual({ id: "a", count: 1 });
  });

  test("shows in reads of this process before it is written", async () => {
    const { table, store } = await deferred();
    expect(await store.read("a")).toEqual({ id: "a", count: 0 });
    expect(await store.readRecent("a")).toEqual({ id: "a", count: 0 });
    expect(await stored(table)).toEqual({ id: "a", count: 0, due: 1 });
  });

  test("is no reason to write for a change that changes nothing", async () => {
    const { table, store } = await deferred();
    expect((await store.change("a", (counter) => counter))?.changed).toBe(false);
    expect(await stored(table)).toMatchObject({ due: 1 });
  });

  test("is written by itself when nothing else is, once", async () => {
    const { table, calls, store } = await deferred();
    await store.record("a");
    await store.record("a");
    expect(calls).toEqual(["put"]);
    expect(await stored(table)).toEqual({ id: "a", count: 0 });
  });

  test("is applied to what another process wrote meanwhile", async () => {
    const { table, store } = await deferred();
    await new AggregateStore(table, codec).change("a", increment);
    await store.record("a");
    expect(await stored(table)).toEqual({ id: "a", count: 1 });
  });

  test("is not written where another process has recorded the same", async () => {
    const { table, calls, store } = await deferred();
    await new AggregateStore(table, codec).change("a", finish);
    calls.length = 0;
    await store.record("a");
    await store.record("a");
    expect(calls).toEqual(["put", "get"]);
  });

  test("that comes while another is written is written after it", async () => {
    const { table, store } = await deferred();
    const writing = store.record("a");
    store.defer("a", increment);
    await writing;
    expect(await stored(table)).toEqual({ id: "a", count: 0 });
    await store.record("a");
    expect(await stored(table)).toEqual({ id: "a", count: 1 });
  });

  test("is dropped when it can't be written", async () => {
    const { table, store } = await deferred();
    const put = jest.spyOn(table, "put").mockRejectedValue(new Error("no database"));
    await expect(store.record("a")).rejects.toThrow("no database");
    put.mockRestore();
    expect(await store.read("a")).toMatchObject({ due: 1 });
    await store.record("a");
    expect(await stored(table)).toMatchObject({ due: 1 });
  });

  test("that comes after another could not be written waits on", async () => {
    const { table, store } = await deferred();
    const put = table.put;
    let puts = 0;
    jest.spyOn(table, "put").mockImplementation((item, replaces) => {
      puts += 1;
      if (puts === 1) {
        store.defer("a", increment);
        return Promise.reject(new Error("no database"));
      }
      return put(item, replaces);
    });
    const [record, change] = await Promise.allSettled([store.record("a"), store.change("a", increment)]);
    expect([record.status, change.status]).toEqual(["rejected", "fulfilled"]);
    expect(await stored(table)).toEqual({ id: "a", count: 2, due: 1 });
  });

  test("of what does not exist is dropped", async () => {
    const store = new AggregateStore(memoryTable(), codec);
    store.defer("none", increment);
    await expect(store.record("none")).resolves.toBeUndefined();
    for (let at = 0; at < DEFERRED_LIMIT; at += 1) expect(store.defer(`id-${at}`, increment)).toBe(true);
  });

  test("is refused when too many aggregates have one", () => {
    const store = new AggregateStore(memoryTable(), codec);
    for (let at = 0; at < DEFERRED_LIMIT; at += 1) store.defer(`id-${at}`, increment);
    expect(store.defer("one more", increment)).toBe(false);
    expect(store.defer("id-0", increment)).toBe(true);
  });
});
