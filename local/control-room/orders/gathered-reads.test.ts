import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { DynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../../lib/storage/dynamo-table.ts";
import type { Item } from "../../../lib/storage/table.ts";
import { clientOf, tableInput } from "../../../tests/support/dynamo.ts";
import { type Database, startDatabase } from "../../database/server.ts";
import { gatheredReads } from "./gathered-reads.ts";

let database: Database;
let client: DynamoClient;
let sent: string[];
let table: ReturnType<typeof gatheredReads>;

beforeEach(async () => {
  database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
  client = clientOf(`http://127.0.0.1:${database.port}`, true);
  for (const name of ["t-one", "t-other"]) await client.send("CreateTable", tableInput(name));
  sent = [];
  const watched: DynamoClient = {
    send(operation, input, signal) {
      sent.push(operation);
      return client.send(operation, input, signal);
    },
    close: () => client.close(),
  };
  table = gatheredReads(watched, "t");
});
afterEach(async () => {
  await client.close();
  await database.close();
});

const item = (id: string, doc: string): Item => ({ id, version: 1, schemaVersion: 1, doc, index: {} });
const ids = Array.from({ length: 130 }, (_, no) => `i-${no}`);

async function store(name: string, doc: string): Promise<void> {
  const stored = dynamoTable(client, `t-${name}`);
  for (const id of ids) await stored.put(item(id, doc), 0);
}

test("what is asked for in one turn is read together, of all tables, and as it is alone", async () => {
  await store("one", "{}");
  await dynamoTable(client, "t-other").put(item("i-0", '{"other":"界"}'), 0);
  const read = await Promise.all([
    ...ids.map((id) => table("one").get(id)),
    table("one").get("i-0"),
    table("one").get("none"),
    table("other").get("i-0"),
  ]);
  expect(sent).toEqual(["BatchGetItem", "BatchGetItem"]);
  expect(read.slice(0, 130)).toEqual(ids.map((id) => item(id, "{}")));
  expect(read.slice(130)).toEqual([item("i-0", "{}"), undefined, item("i-0", '{"other":"界"}')]);
  expect(read[0]).toEqual(await dynamoTable(client, "t-one").get("i-0"));
});

test("what has no room in a reply is asked for again", async () => {
  const doc = JSON.stringify("x".repeat(50_000));
  await store("one", doc);
  const read = await Promise.all(ids.map((id) => table("one").get(id)));
  expect(read).toEqual(ids.map((id) => item(id, doc)));
  expect(sent.length).toBeGreaterThan(2);
});

test("a read that fails fails for all who wait for it", async () => {
  const reads = ["i-0", "i-1"].map((id) => table("missing").get(id));
  const outcomes = await Promise.allSettled(reads);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
