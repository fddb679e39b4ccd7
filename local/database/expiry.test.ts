import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createExpiry, type Expiry } from "./expiry.ts";
import { openMemory } from "./level.ts";
import { serveDatabase } from "./server.ts";
import { createStore } from "./store.ts";
import { call, plainOrders, plainPut } from "./test-client.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const NAME = plainOrders.TableName;

let database: Awaited<ReturnType<typeof serveDatabase>>;
let expiry: Expiry;
let level: Awaited<ReturnType<typeof openMemory>>;
beforeEach(async () => {
  level = await openMemory();
  database = await serveDatabase(level, { host: "127.0.0.1", port: 0, log: () => {} });
  await call(database.port, "CreateTable", plainOrders);
  // A store of its own, over the same rows, with a clock of the test's.
  const store = await createStore(level);
  const lockOf = (table: string) => store.getItemDb(table).lock;
  expiry = createExpiry({ level, commits: store.commits, tables: store.tableDb, lockOf, now: () => NOW });
});
afterEach(async () => {
  await expiry.stop();
  await database.close();
  await level.close();
});

/** Writes an item that is over `seconds` after the test's time; never without them. */
async function put(id: string, seconds?: number, text = ""): Promise<void> {
  const [operation, input] = plainPut(id, 1, { due: 1, text });
  const expires = seconds === undefined ? {} : { expires_on: { N: String(NOW / 1_000 + seconds) } };
  const { status } = await call(database.port, operation, { ...input, Item: { ...input.Item, ...expires } });
  expect(status).toBe(200);
}

const ids = async (query?: object): Promise<readonly string[]> => {
  const { body } = await call(database.port, query === undefined ? "Scan" : "Query", {
    TableName: NAME,
    ...query,
  });
  return body.Items.map(({ id }: { id: { S: string } }) => id.S).sort();
};
const due = {
  IndexName: "by_due",
  KeyConditionExpression: "due_shard = :zero",
  ExpressionAttributeValues: { ":zero": { S: "0" } },
};

test("what is over is deleted with its index entries, all else stays", async () => {
  await put("10", -1);
  await put("11", 0);
  await put("12", 1);
  await put("13");
  await put("14", undefined, JSON.stringify({ expires_on: { N: "1" } }));
  expect(await expiry.look()).toBe(2);
  expect(await ids()).toEqual(["12", "13", "14"]);
  expect(await ids(due)).toEqual(["12", "13", "14"]);
  const left = await level.keys({}).all();
  expect(
    left.filter((key) => key.includes(Buffer.from("10").toString("hex")) && !key.startsWith("table")),
  ).toEqual([]);
  expect(await expiry.look()).toBe(0);
});

test("of many items all that are over go, page by page", async () => {
  const some = Array.from({ length: 450 }, (_, at) => `${1_000 + at}`);
  await Promise.all(some.map((id, at) => put(id, at % 2 === 0 ? -5 : 5)));
  expect(await expiry.look()).toBe(225);
  expect(await ids()).toHaveLength(225);
});
