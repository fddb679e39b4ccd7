import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createFeed } from "../../functions/notifications/live/feed.ts";
import { createReaders } from "../../functions/notifications/readers.ts";
import { newOrder } from "../../functions/orders/test-orders.ts";
import { AggregateStore, type Codec } from "../../lib/storage/aggregate-store.ts";
import { createDynamoClient, type DynamoClient } from "../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../lib/storage/dynamo-table.ts";
import { scan } from "../../lib/storage/scan.ts";
import type { Table } from "../../lib/storage/table.ts";
import { type Database, startDatabase } from "../../local/database/server.ts";
import { createTables } from "../../local/runtime/create-tables.ts";
import { tableInput } from "../../tests/support/dynamo.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { systemTables } from "../../tests/support/system-tables.ts";
import { type MigrateOptions, migrate, type Target } from "./migrate.ts";
import { targetsOf } from "./targets.ts";

let database: Database;
let client: DynamoClient;
beforeAll(async () => {
  database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
  const url = `http://${database.host}:${database.port}`;
  client = createDynamoClient({ url, region: "", accessKeyId: "", secretAccessKey: "", embedded: true });
});
afterAll(async () => {
  await client.close();
  await database.close();
});

interface Old {
  readonly id: string;
  readonly price: number;
}
interface New {
  readonly id: string;
  readonly minor: number;
}

const oldCodec: Codec<Old> = {
  schemaVersion: 1,
  id: ({ id }) => id,
  index: () => ({}),
  dueAt: () => undefined,
};
/** The version after: another shape, and a place in an index. */
const newCodec: Codec<New> = {
  schemaVersion: 2,
  id: ({ id }) => id,
  index: ({ id }) => ({ owner: "ann", created: id }),
  dueAt: () => undefined,
  upcast: (doc) => {
    const { id, price }: Record<string, unknown> = Object(doc);
    return { id: String(id), minor: Math.round(Number(price) * 100) };
  },
};

const all: MigrateOptions = { dry: false, stopped: () => false, onPage: () => {} };

/** A table with `count` items of the old version, and the store that comes after. */
async function upgraded(count: number) {
  const name = `migrate-${randomUUID()}`;
  await client.send("CreateTable", tableInput(name));
  const table = dynamoTable(client, name);
  const before = new AggregateStore(table, oldCodec);
  const ids = Array.from({ length: count }, (_, at) => `item-${at}`);
  for (const [at, id] of ids.entries()) await before.create({ id, price: at + 0.5 });
  const store = new AggregateStore(table, newCodec);
  const target: Target = {
    name,
    pages: (after) => scan(client, name, after),
    rewrite: (id, dry) => store.rewrite(id, dry),
  };
  const outdated = async () =>
    (await Promise.all(ids.map((id) => table.get(id)))).filter((item) => item?.schemaVersion !== 2).length;
  return { table, store, target, ids, outdated };
}

describe("migrating", () => {
  test("rewrites each item of an older version, once, and only its form", async () => {
    const { table, store, target, outdated } = await upgraded(120);
    expect(await migrate(target, all)).toMatchObject({ read: 120, outdated: 120, complete: true });
    expect(await outdated()).toBe(0);
    expect(await store.read("item-7")).toEqual({ id: "item-7", minor: 750 });
    expect(await table.get("item-7")).toMatchObject({
      version: 2,
      index: { owner: "ann", created: "item-7" },
    });
    expect(await migrate(target, all)).toMatchObject({ read: 120, outdated: 0, complete: true });
    expect((await table.get("item-7"))?.version).toBe(2);
  });

  test("writes nothing in a dry run, and says how much there is to do", async () => {
    const { target, outdated } = await upgraded(7);
    expect(await migrate(target, { ...all, dry: true })).toMatchObject({ read: 7, outdated: 7 });
    expect(await outdated()).toBe(7);
  });

  test("can be stopped, and goes on from there", async () => {
    const { target, outdated } = await upgraded(120);
    let pages = 0;
    const first = await migrate(target, { ...all, stopped: () => pages > 0, onPage: () => (pages += 1) });
    expect(first).toMatchObject({ read: 50, outdated: 50, complete: false });
    expect(await outdated()).toBe(70);
    const rest = await migrate(target, { ...all, after: first.last });
    expect(rest).toMatchObject({ read: 70, outdated: 70, complete: true });
    expect(await outdated()).toBe(0);
  });

  test("loses nothing that the running system writes meanwhile", async () => {
    const { store, target, ids, outdated } = await upgraded(60);
    const raise = ids.map((id) => store.change(id, (item) => ({ ...item, minor: item.minor + 1 })));
    await Promise.all([migrate(target, all), ...raise]);
    expect(await outdated()).toBe(0);
    for (const [at, id] of ids.entries()) expect((await store.read(id))?.minor).toBe(at * 100 + 51);
  });

  test("does not change what a later version wrote, and names it", async () => {
    const { table, target } = await upgraded(3);
    const item = await table.get("item-1");
    if (item) await table.put({ ...item, version: 2, schemaVersion: 9 }, 1);
    const done = await migrate(target, all);
    expect(done.unreadable).toEqual(["item-1"]);
    expect((await table.get("item-1"))?.schemaVersion).toBe(9);
  });
});

describe("the tables of this system", () => {
  test("hold nothing outdated when this version wrote it, readers and feeds among notifications included", async () => {
    const tables = new Map<string, Table>();
    const table = (name: string) => {
      const known = tables.get(name) ?? memoryTable();
      tables.set(name, known);
      return known;
    };
    const written = new Map<string, string[]>([
      ["notifications", ["watermark:ann", "feed:in-use", "feed:head:ann"]],
    ]);
    await createReaders(table("notifications")).raise("ann", "2026-01-01T00:00:00.000Z");
    await createFeed(table("notifications"), {
      now: Date.now,
      monotonic: () => performance.now(),
      pause: async () => {},
    }).open("ann");
    const targets = await targetsOf({
      table,
      async *pages(name) {
        yield written.get(name) ?? [];
      },
    });
    for (const target of targets) {
      expect(await migrate(target, all)).toMatchObject({ outdated: 0, unreadable: [], complete: true });
    }
  });

  test("gain the index keys that their items lack", async () => {
    const tables = systemTables(`m-${randomUUID()}`);
    await createTables(client, tables);
    const name = tables[0]?.TableName ?? "";
    const table = dynamoTable(client, name);
    const order = newOrder();
    const item = { id: order.id, version: 1, schemaVersion: 1, doc: JSON.stringify(order), index: {} };
    await table.put(item, 0);
    const [orders] = await targetsOf({ table: () => table, pages: () => scan(client, name) });
    if (!orders) throw new Error("no target");
    expect(await migrate(orders, all)).toMatchObject({ read: 1, outdated: 1 });
    expect((await table.get(order.id))?.index).toMatchObject({
      buyer: "buyer",
      due_shard: expect.any(String),
    });
  });
});
