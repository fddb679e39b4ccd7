import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import * as z from "zod";
import { FaultyDisk } from "../../tests/support/faulty-disk.ts";
import { until } from "../../tests/support/poll.ts";
import { openGuarded } from "./guarded-level.ts";
import { type Database, serveDatabase, startDatabase } from "./server.ts";
import { call, inspect, order, orders, plainOrders, plainPut } from "./test-client.ts";

let folder: string;
let database: Database;
const open = (path = join(folder, "db")) =>
  startDatabase({ host: "127.0.0.1", port: 0, path, log: () => {} });
const send = (operation: string, body: object | string) => call(database.port, operation, body);
const put = (item: object, more: object = {}) =>
  send("PutItem", { TableName: "orders", Item: item, ...more });
const get = async (id: string) =>
  (await send("GetItem", { TableName: "orders", Key: { id: { S: id } }, ConsistentRead: true })).body.Item;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "database-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("an embedded database", () => {
  beforeAll(async () => {
    database = await open();
    await send("CreateTable", orders);
  });
  afterAll(() => database.close());

  test("has a table that is active at once and listed", async () => {
    expect((await send("DescribeTable", { TableName: "orders" })).body.Table).toMatchObject({
      TableStatus: "ACTIVE",
      TableArn: "arn:aws:dynamodb:us-east-1:000000000000:table/orders",
    });
    expect((await send("ListTables", {})).body.TableNames).toContain("orders");
  });

  test("puts an item only if the condition holds", async () => {
    const unique = { ConditionExpression: "attribute_not_exists(id)" };
    expect((await put(order("10"), unique)).status).toBe(200);
    const refused = await put(order("10", { amount: 5 }), unique);
    expect(refused.status).toBe(400);
    expect(refused.body.__type).toMatch(/#ConditionalCheckFailedException$/);
    expect(await get("10")).toEqual(order("10"));
  });

  test("lets one of many simultaneous conditional puts win", async () => {
    const unique = { ConditionExpression: "attribute_not_exists(id)" };
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) => put(order("11", { amount: n + 1 }), unique)),
    );
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
  });

  test("counts every one of many simultaneous updates", async () => {
    await put(order("12", { amount: 0 }));
    const add = {
      TableName: "orders",
      Key: { id: { S: "12" } },
      UpdateExpression: "SET amount = amount + :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
    };
    await Promise.all(Array.from({ length: 20 }, () => send("UpdateItem", add)));
    expect((await get("12")).amount).toEqual({ N: "20" });
  });

  test("updates with a condition and returns what is new", async () => {
    await put(order("13", { amount: 7 }));
    const update = (expected: string) =>
      send("UpdateItem", {
        TableName: "orders",
        Key: { id: { S: "13" } },
        UpdateExpression: "SET #t = :text",
        ConditionExpression: "amount = :amount",
        ExpressionAttributeNames: { "#t": "text" },
        ExpressionAttributeValues: { ":text": { S: "new" }, ":amount": { N: expected } },
        ReturnValues: "ALL_NEW",
      });
    expect((await update("8")).status).toBe(400);
    expect((await update("7")).body.Attributes).toEqual(order("13", { amount: 7, text: "new" }));
  });

  test("gets many items at once, and leaves out those that do not exist", async () => {
    await put(order("14"));
    const keys = [{ id: { S: "14" } }, { id: { S: "no such" } }];
    const reply = await send("BatchGetItem", {
      RequestItems: { orders: { Keys: keys, ConsistentRead: true } },
    });
    expect(reply.body.Responses.orders).toEqual([order("14")]);
  });

  test("writes and deletes many items at once", async () => {
    const write = (requests: object[]) => send("BatchWriteItem", { RequestItems: { orders: requests } });
    await write([{ PutRequest: { Item: order("15") } }, { PutRequest: { Item: order("16") } }]);
    await write([{ DeleteRequest: { Key: { id: { S: "15" } } } }]);
    expect([await get("15"), await get("16")]).toEqual([undefined, order("16")]);
  });

  test("takes an item of 400 KB, counted in UTF-8 as DynamoDB does, and none above, whichever way it comes", async () => {
    // Texts of three bytes a character, and one code unit.
    const ofBytes = (bytes: number) => {
      const room = bytes - Buffer.byteLength("idbig界");
      return { id: { S: "big" }, 界: { S: "界".repeat(Math.floor(room / 3)) + "x".repeat(room % 3) } };
    };
    const largest = ofBytes(400 * 1024);
    const above = ofBytes(400 * 1024 + 1);
    const exceeded = { status: 400, body: { message: expect.stringMatching(/^Item size .*exceeded/) } };
    expect(await put(largest)).toMatchObject({ status: 200 });
    expect(await put(above)).toMatchObject(exceeded);
    expect(
      await send("BatchWriteItem", { RequestItems: { orders: [{ PutRequest: { Item: above } }] } }),
    ).toMatchObject(exceeded);
    expect(
      await send("UpdateItem", {
        TableName: "orders",
        Key: { id: { S: "big" } },
        UpdateExpression: "SET more = :text",
        ExpressionAttributeValues: { ":text": { S: "界" } },
      }),
    ).toMatchObject(exceeded);
    expect(await get("big")).toEqual(largest);
    // What was refused holds up nothing that comes after it.
    expect(await put(order("big"))).toMatchObject({ status: 200 });
  });

  test("answers what is wrong in DynamoDB's shape", async () => {
    expect(await send("GetItem", { TableName: "nothing", Key: { id: { S: "1" } } })).toMatchObject({
      status: 400,
      body: { __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException" },
    });
    expect(await send("GetItem", { TableName: "orders", Key: { other: { S: "1" } } })).toMatchObject({
      status: 400,
      body: { __type: "com.amazon.coral.validate#ValidationException" },
    });
    expect(await send("GetItem", "{")).toMatchObject({
      status: 400,
      body: { __type: "com.amazon.coral.service#SerializationException" },
    });
    expect(await send("Guess", {})).toMatchObject({
      status: 400,
      body: { __type: "com.amazon.coral.service#UnknownOperationException" },
    });
    expect((await put({ ...order("17"), amount: { S: "1" } })).body.message).toMatch(/Type mismatch/);
  });

  test("goes on when a client is cut off in the middle of a request", async () => {
    const client = connect(database.port, "127.0.0.1");
    const head =
      "POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: DynamoDB_20120810.PutItem\r\ncontent-length: 99\r\n\r\n{";
    await new Promise((resolve) => client.write(head, resolve));
    client.resetAndDestroy();
    expect((await send("ListTables", {})).status).toBe(200);
  });
});

describe("a query of an index", () => {
  const query = (user: string, more: object = {}) =>
    send("Query", {
      TableName: "orders",
      IndexName: "by_time",
      KeyConditionExpression: "#u = :u",
      ExpressionAttributeNames: { "#u": "user" },
      ExpressionAttributeValues: { ":u": { S: user } },
      ...more,
    });
  const ids = (items: { id: { S: string } }[]) => items.map((item) => item.id.S);

  /** Follows the pages to the end. */
  async function pages(user: string, more: object): Promise<string[][]> {
    const found: string[][] = [];
    let start: object = {};
    for (let n = 0; n < 100; n++) {
      const { body } = await query(user, { ...more, ...start });
      found.push(ids(body.Items));
      if (body.LastEvaluatedKey === undefined) return found;
      start = { ExclusiveStartKey: body.LastEvaluatedKey };
    }
    throw new Error("The pages do not end");
  }

  beforeAll(async () => {
    database = await open(join(folder, "query"));
    await send("CreateTable", orders);
    for (let n = 10; n < 15; n++) await put(order(String(n), { amount: 100 - n, text: "x" }));
    await put(order("20", { user: "bob", due: 5 }));
    await put(order("21", { user: "bob" }));
  });
  afterAll(() => database.close());

  test("finds one user's items in order, page by page, forward and backward", async () => {
    expect(await pages("ann", { Limit: 2 })).toEqual([["10", "11"], ["12", "13"], ["14"]]);
    expect(await pages("ann", { Limit: 2, ScanIndexForward: false })).toEqual([
      ["14", "13"],
      ["12", "11"],
      ["10"],
    ]);
    expect(await pages("ann", { IndexName: "by_amount" })).toEqual([["14", "13", "12", "11", "10"]]);
    expect((await query("ann")).body.Items[0]).toEqual(order("10", { amount: 90, text: "x" }));
  });

  test("narrows by a range", async () => {
    const reply = await query("ann", {
      IndexName: "by_amount",
      KeyConditionExpression: "#u = :u AND amount BETWEEN :a AND :b",
      ExpressionAttributeValues: { ":u": { S: "ann" }, ":a": { N: "87" }, ":b": { N: "88" } },
    });
    expect(ids(reply.body.Items)).toEqual(["13", "12"]);
  });

  test("of a sparse index sees only items that have its attributes, and only what it projects", async () => {
    const due = () =>
      send("Query", {
        TableName: "orders",
        IndexName: "by_due",
        KeyConditionExpression: "due_shard = :s",
        ExpressionAttributeValues: { ":s": { S: "0" } },
      });
    expect((await due()).body.Items).toEqual([
      { id: { S: "20" }, due_shard: { S: "0" }, due_at: { N: "5" } },
    ]);
    await send("UpdateItem", {
      TableName: "orders",
      Key: { id: { S: "20" } },
      UpdateExpression: "REMOVE due_shard, due_at",
    });
    expect((await due()).body.Items).toEqual([]);
  });

  test("follows an item whose key attributes change, and forgets a deleted one", async () => {
    await put(order("30", { user: "eve" }));
    await put(order("30", { user: "mallory" }));
    expect([(await query("eve")).body.Count, (await query("mallory")).body.Count]).toEqual([0, 1]);
    await send("DeleteItem", { TableName: "orders", Key: { id: { S: "30" } } });
    expect((await query("mallory")).body.Count).toBe(0);
  });

  test("shows the items as they are now, not as they were when they entered the index", async () => {
    await put(order("31", { user: "kim", text: "old" }));
    await put(order("31", { user: "kim", text: "new" }));
    expect((await query("kim")).body.Items).toEqual([order("31", { user: "kim", text: "new" })]);
  });

  test("loses none of many items with the same index key", async () => {
    const many = Array.from({ length: 200 }, (_, n) => String(n).padStart(4, "0"));
    await Promise.all(many.map((id) => put({ ...order(id), user: { S: "same" }, created_at: { S: "now" } })));
    const found = await pages("same", { Limit: 7 });
    expect(found.flat().toSorted()).toEqual(many);
    expect((await pages("same", { Limit: 7, ScanIndexForward: false })).flat()).toEqual(
      found.flat().toReversed(),
    );
  });
});

describe("a database whose disk fails in a write", () => {
  const headers = (reply: Response) => reply.headers.get("x-database-write-failure");
  const raw = (operation: string, body: object) =>
    fetch(`http://127.0.0.1:${database.port}/`, {
      method: "POST",
      headers: { "x-amz-target": `DynamoDB_20120810.${operation}`, authorization: "AWS4-HMAC-SHA256 x" },
      body: JSON.stringify(body),
    });

  test.each([
    { way: "dynalite", table: orders, newOrder: (id: string) => ({ TableName: "orders", Item: order(id) }) },
    { way: "shapes", table: plainOrders, newOrder: (id: string) => plainPut(id, 1, {})[1] },
  ])(
    "can be read, refuses writes by $way as unavailable, says why, and goes on when the disk works again",
    async ({ way, table, newOrder }) => {
      const putRaw = (id: string) => raw("PutItem", newOrder(id));
      const getRaw = (id: string) =>
        raw("GetItem", { TableName: table.TableName, Key: { id: { S: id } }, ConsistentRead: true });
      const itemOf = async (id: string) =>
        z.object({ Item: z.unknown().optional() }).parse(await (await getRaw(id)).json()).Item;
      let fails = false;
      const disk = new FaultyDisk(() => (fails ? "torn" : undefined));
      const level = await openGuarded(join(folder, `faulty-${way}`), () => {}, disk);
      database = await serveDatabase(level, { host: "127.0.0.1", port: 0, log: () => {} });
      try {
        await send("CreateTable", table);
        expect(headers(await putRaw("10"))).toBeNull();
        fails = true;
        for (const id of ["11", "12"]) {
          const refused = await putRaw(id);
          expect([refused.status, headers(refused)]).toEqual([503, "there is no space left on its disk"]);
          expect(await refused.json()).toMatchObject({
            __type: expect.stringMatching(/#ServiceUnavailable$/),
          });
        }
        expect(await send("CreateTable", { ...table, TableName: "others" })).toMatchObject({ status: 503 });
        expect((await send("ListTables", {})).body.TableNames).toEqual([table.TableName]);
        const read = await getRaw("10");
        expect([read.status, headers(read)]).toEqual([200, "there is no space left on its disk"]);
        expect(await read.json()).toEqual({ Item: newOrder("10").Item });
        fails = false;
        disk.mend();
        await until("it is written again", async () => (await putRaw("13")).status === 200);
        expect(headers(await getRaw("13"))).toBeNull();
        expect([await itemOf("10"), await itemOf("12"), await itemOf("13")]).toEqual([
          newOrder("10").Item,
          undefined,
          newOrder("13").Item,
        ]);
      } finally {
        await database.close();
        await level.close();
      }
    },
  );
});

describe("the data folder", () => {
  afterEach(async () => {
    await database?.close();
  });

  test("keeps tables and items over a restart", async () => {
    const path = join(folder, "restart");
    database = await open(path);
    await send("CreateTable", orders);
    await put(order("10", { due: 1 }));
    await database.close();
    database = await open(path);
    expect(await get("10")).toEqual(order("10", { due: 1 }));
  });

  test("of a deleted table is empty, and the table can be created again", async () => {
    const path = join(folder, "deleted");
    database = await open(path);
    await send("CreateTable", orders);
    await put(order("10", { due: 1 }));
    await send("DeleteTable", { TableName: "orders" });
    await database.close();
    expect(await inspect(path)).toEqual({ texts: new Map(), wrong: [] });
    database = await open(path);
    expect((await send("CreateTable", orders)).status).toBe(200);
    expect(await get("10")).toBeUndefined();
  });

  test("that is in use by another database is refused with what to do", async () => {
    const path = join(folder, "locked");
    database = await open(path);
    await expect(open(path)).rejects.toMatchObject({
      name: "DatabaseStartError",
      code: "database_path_locked",
      message: expect.stringMatching(/in use by another process.*DATA_DIR/),
    });
  });

  test("is its owner's alone, also one that an earlier version left open to others", async () => {
    const path = join(folder, "open");
    await mkdir(path, { mode: 0o755 });
    database = await open(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  test("that cannot be made is refused with what to do", async () => {
    database = await open(join(folder, "other"));
    await writeFile(join(folder, "file"), "");
    await expect(open(join(folder, "file", "db"))).rejects.toMatchObject({
      code: "database_path_unusable",
      message: expect.stringMatching(/readable and writable.*DATA_DIR/),
    });
  });

  test("is given back if the port is in use", async () => {
    database = await open(join(folder, "first"));
    const path = join(folder, "second");
    const start = (port: number) => startDatabase({ host: "127.0.0.1", port, path, log: () => {} });
    await expect(start(database.port)).rejects.toMatchObject({
      code: "database_port_in_use",
      message: expect.stringContaining("DB_PORT"),
    });
    await (await start(0)).close();
  });
});
