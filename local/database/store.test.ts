import { describe, expect, test } from "@jest/globals";
import * as z from "zod";
import { operations } from "./dynalite.ts";
import { type Level, openMemory, type Snapshot } from "./level.ts";
import { createStore } from "./store.ts";
import { order, orders } from "./test-client.ts";

/** `level`, counting the rows that are read through iterators, the items that are got by key, and the iterators left open. */
function counted(level: Level) {
  const count = { rows: 0, items: 0, open: 0 };
  const counting: Level = {
    getSync(key: string, options?: { snapshot: Snapshot }) {
      count.items += 1;
      return options === undefined ? level.getSync(key) : level.getSync(key, options);
    },
    bytesSync(key, snapshot) {
      count.items += 1;
      return level.bytesSync(key, snapshot);
    },
    iterator: (range) => level.iterator(range),
    keys: (range) => level.keys(range),
    batch: (writes) => level.batch(writes),
    clear: (range) => level.clear(range),
    close: () => level.close(),
    snapshot: () => level.snapshot(),
    values(range) {
      const rows = level.values(range);
      count.open += 1;
      return {
        all: () => rows.all(),
        close() {
          count.open -= 1;
          return rows.close();
        },
        async nextv(size: number) {
          const read = await rows.nextv(size);
          count.rows += read.length;
          return read;
        },
      };
    },
  };
  return { counting, count };
}

const pageShape = z.object({
  Count: z.number(),
  Items: z.array(z.record(z.string(), z.record(z.string(), z.string()))),
  LastEvaluatedKey: z.unknown().optional(),
});
const page = (reply: unknown) => pageShape.parse(reply);

/** Runs operations on a store in `level`, without HTTP. */
async function storeIn(level: Level) {
  const store = await createStore(level);
  return (name: string, body: object) =>
    new Promise<unknown>((resolve, reject) => {
      const operation = operations.get(name);
      if (operation === undefined) throw new Error(`There is no ${name}`);
      const data = operation.check(structuredClone(body), store);
      operation.act(operation.paged ? store.forPage(data) : store, data, (error, value) =>
        error ? reject(error) : resolve(value),
      );
    });
}

const ofAnn = {
  TableName: "orders",
  IndexName: "by_time",
  KeyConditionExpression: "#u = :u",
  ExpressionAttributeNames: { "#u": "user" },
  ExpressionAttributeValues: { ":u": { S: "ann" } },
};

describe("A query with a limit", () => {
  test("reads one row more than its page, however many there are, and leaves nothing open", async () => {
    const { counting, count } = counted(await openMemory());
    const run = await storeIn(counting);
    await run("CreateTable", orders);
    for (let n = 0; n < 500; n++) await run("PutItem", { TableName: "orders", Item: order(String(n)) });

    for (const forward of [true, false]) {
      count.rows = 0;
      count.items = 0;
      const page = await run("Query", { ...ofAnn, Limit: 10, ScanIndexForward: forward });
      expect(page).toMatchObject({ Count: 10 });
      await new Promise(setImmediate);
      expect(count).toEqual({ rows: 11, items: 11, open: 0 });
    }
  });
});

describe("A page of large items", () => {
  // 60 KB each in UTF-8, and 20,000 code units.
  const text = "界".repeat(20_000);

  async function storeOf(items: number) {
    const { counting, count } = counted(await openMemory());
    const run = await storeIn(counting);
    await run("CreateTable", orders);
    const ids = Array.from({ length: items }, (_, at) => String(10 + at));
    for (const id of ids) await run("PutItem", { TableName: "orders", Item: order(id, { text }) });
    return { run, count, ids };
  }

  test.each([
    ["Query", ofAnn],
    ["Scan", { TableName: "orders" }],
  ])("ends at 384 KB for a %s, counted in bytes, and the next goes on", async (name, body) => {
    const { run, count, ids } = await storeOf(20);
    const seen: string[] = [];
    let start = {};
    for (const wanted of [7, 7, 6]) {
      count.items = 0;
      const {
        Items: items,
        Count: found,
        LastEvaluatedKey: last,
      } = page(await run(name, { ...body, ...start }));
      expect([found, items.length]).toEqual([wanted, wanted]);
      // Nothing is read and parsed that is not sent.
      if (name === "Query") expect(count.items).toBe(wanted);
      seen.push(...items.map(({ id }) => id?.["S"] ?? ""));
      start = { ExclusiveStartKey: last };
      expect(last === undefined).toBe(seen.length === ids.length);
    }
    expect(seen.toSorted()).toEqual(ids);
  });

  test("that fill it exactly, and are all there are, is the last", async () => {
    const { run } = await storeOf(7);
    expect(page(await run("Query", ofAnn)).LastEvaluatedKey).toBeUndefined();
  });

  test("of which parts are asked for ends at 1 MB of items", async () => {
    const { run } = await storeOf(25);
    const { Count: found, LastEvaluatedKey: last } = page(
      await run("Query", { ...ofAnn, ProjectionExpression: "id" }),
    );
    expect(found).toBe(18);
    expect(last).toBeDefined();
  });
});
