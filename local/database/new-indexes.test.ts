import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { type Database, startDatabase } from "./server.ts";
import { call, inspect, plainOrders, plainPut } from "./test-client.ts";

const indexesOf = (...names: readonly string[]) =>
  plainOrders.GlobalSecondaryIndexes.filter(({ IndexName }) => names.includes(IndexName));
const [byTime, byAmount, byDue] = plainOrders.GlobalSecondaryIndexes;
const NAME = plainOrders.TableName;
/** As an earlier version made it. */
const older = {
  ...plainOrders,
  AttributeDefinitions: plainOrders.AttributeDefinitions.filter(({ AttributeName }) =>
    ["id", "due_shard", "due_at"].includes(AttributeName),
  ),
  GlobalSecondaryIndexes: indexesOf("by_due"),
};
const adding = (index: unknown) => ({
  TableName: NAME,
  AttributeDefinitions: plainOrders.AttributeDefinitions,
  GlobalSecondaryIndexUpdates: [{ Create: index }],
});
const withTime = { ...plainOrders, GlobalSecondaryIndexes: indexesOf("by_time", "by_due") };

let folder: string;
let path: string;
let database: Database | undefined;
let child: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "indexes-"));
  path = join(folder, "database");
});
afterEach(async () => {
  child?.kill("SIGKILL");
  await database?.close();
  database = undefined;
  await rm(folder, { recursive: true, force: true });
});

const open = async (): Promise<number> => {
  database = await startDatabase({ host: "127.0.0.1", port: 0, path, log: () => {} });
  return database.port;
};
const close = async () => {
  await database?.close();
  database = undefined;
};

const put = async (port: number, id: string, version = 1, user = "ann") => {
  const reply = await call(port, ...plainPut(id, version, { user, due: 1, text: `${id} ${version}` }));
  expect(reply.status).toBe(200);
};

/** Ids of `count` items, which it writes. */
async function filled(port: number, count: number): Promise<readonly string[]> {
  await call(port, "CreateTable", older);
  const ids = Array.from({ length: count }, (_, at) => `${10_000 + at}`);
  for (let from = 0; from < count; from += 100)
    await Promise.all(ids.slice(from, from + 100).map((id) => put(port, id)));
  return ids;
}

const statusOf = async (port: number): Promise<unknown> => {
  const { body } = await call(port, "DescribeTable", { TableName: NAME });
  return body.Table.GlobalSecondaryIndexes.find((one: { IndexName: string }) => one.IndexName === "by_time")
    ?.IndexStatus;
};
const complete = (port: number) =>
  until("the index is complete", async () => (await statusOf(port)) === "ACTIVE");

test("an index that a table gains has all items, also those that are written, moved and deleted meanwhile", async () => {
  const port = await open();
  const ids = await filled(port, 1_000);
  const added = await call(port, "UpdateTable", adding(byTime));
  expect(added.status).toBe(200);
  expect(added.body.TableDescription.GlobalSecondaryIndexes[1]).toMatchObject({ IndexStatus: "CREATING" });
  const writing = [
    ...ids.slice(0, 200).map((id) => put(port, id, 2, "bob")),
    ...ids.slice(-200).map((id) => put(port, id, 2)),
    ...ids.slice(700, 800).map((id) => call(port, "DeleteItem", { TableName: NAME, Key: { id: { S: id } } })),
    ...Array.from({ length: 200 }, (_, at) => put(port, `${20_000 + at}`)),
  ];
  await Promise.all([complete(port), ...writing]);
  const query = {
    TableName: NAME,
    IndexName: "by_time",
    KeyConditionExpression: "#h = :hash",
    ExpressionAttributeNames: { "#h": "user" },
    ExpressionAttributeValues: { ":hash": { S: "bob" } },
  };
  expect((await call(port, "Query", query)).body.Count).toBe(200);
  await close();
  const { texts, wrong } = await inspect(path, withTime);
  expect(wrong).toEqual([]);
  expect(texts.size).toBe(1_100);
});

test("a process that is killed before the index is complete goes on with it at its next start", async () => {
  child = spawn(process.execPath, [join(import.meta.dirname, "crash-child.ts"), path], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const [first] = await once(child.stdout ?? child, "data");
  const port = Number(String(first));
  await filled(port, 1_000);
  expect((await call(port, "UpdateTable", adding(byTime))).body.TableDescription.TableStatus).toBe("ACTIVE");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect((await inspect(path, withTime)).wrong.length).toBeGreaterThan(0);

  await complete(await open());
  await close();
  const { texts, wrong } = await inspect(path, withTime);
  expect(wrong).toEqual([]);
  expect(texts.size).toBe(1_000);
});

test("what can't be is refused, and changes nothing", async () => {
  const port = await open();
  await call(port, "CreateTable", older);
  const refused = async (request: object) => (await call(port, "UpdateTable", request)).body;
  expect(await refused(adding(byDue))).toMatchObject({ message: expect.stringContaining("already exists") });
  expect(await refused({ ...adding(byTime), TableName: "none" })).toMatchObject({
    __type: expect.stringContaining("ResourceNotFound"),
  });
  const numbers = plainOrders.AttributeDefinitions.map((one) => ({ ...one, AttributeType: "N" }));
  expect(await refused({ ...adding(byAmount), AttributeDefinitions: numbers })).toMatchObject({
    message: expect.stringContaining("two keys, which are texts"),
  });
  expect(await statusOf(port)).toBeUndefined();
});
