import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { orderStore } from "../../functions/orders/order-store.ts";
import { ORDER_INDEXES } from "../../functions/orders/tables.ts";
import { newOrder } from "../../functions/orders/test-orders.ts";
import { services } from "../../functions/services.ts";
import { createDynamoClient, type DynamoClient } from "../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../lib/storage/dynamo-table.ts";
import { systemTables } from "../../tests/support/system-tables.ts";
import { type Database, startDatabase } from "../database/server.ts";
import { createTables } from "./create-tables.ts";
import { tablesOf } from "./tables.ts";

const tables = systemTables("cfmp-order");

describe("the tables of serverless.yml", () => {
  test("are those of all services, each in one of them", () => {
    const names = services.flatMap((service) => service.tables.map(({ name }) => `cfmp-order-${name}`));
    expect(tables.map(({ TableName }) => TableName)).toEqual(names);
    expect(names).toEqual(expect.arrayContaining(["cfmp-order-orders", "cfmp-order-contacts"]));
  });

  test("declare just the attributes that their keys and indexes use", () => {
    for (const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes = [] } of tables) {
      const keys = [KeySchema, ...GlobalSecondaryIndexes.map((index) => index.KeySchema)].flat();
      const used = new Set(keys.map((key) => key.AttributeName));
      expect(new Set(AttributeDefinitions.map(({ AttributeName }) => AttributeName))).toEqual(used);
    }
  });

  test("are refused when a laptop could not follow them", () => {
    const provisioned = {
      Type: "AWS::DynamoDB::Table",
      Properties: { ...tables[0], BillingMode: "PROVISIONED" },
    };
    expect(() => tablesOf({ Provisioned: provisioned })).toThrow(/BillingMode/);
  });

  test("are found among other resources", () => {
    expect(tablesOf({ Queue: { Type: "AWS::SQS::Queue", Properties: {} } })).toEqual([]);
  });
});

describe("in the embedded database", () => {
  let database: Database;
  let client: DynamoClient;

  beforeEach(async () => {
    database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
    const url = `http://127.0.0.1:${database.port}`;
    client = createDynamoClient({ url, region: "us-east-1", accessKeyId: "k", secretAccessKey: "s" });
  });

  afterEach(async () => {
    await client.close();
    await database.close();
  });

  test("they are created, with every index, and can be used at once", async () => {
    const created = await createTables(client, tables);
    expect(created).toEqual({ tables: tables.map(({ TableName }) => TableName), indexes: [] });
    for (const { TableName, GlobalSecondaryIndexes = [] } of tables) {
      const { body } = await client.send("DescribeTable", { TableName });
      const expected = GlobalSecondaryIndexes.map(({ IndexName }) => expect.objectContaining({ IndexName }));
      expect(body["Table"]).toMatchObject({ TableStatus: "ACTIVE" });
      if (expected.length > 0) {
        expect(body["Table"]).toMatchObject({ GlobalSecondaryIndexes: expect.arrayContaining(expected) });
      }
    }
  });

  test("they are left alone when they exist", async () => {
    await createTables(client, tables);
    expect(await createTables(client, tables)).toEqual({ tables: [], indexes: [] });
  });

  test("two runtimes may create them at once", async () => {
    await expect(
      Promise.all([createTables(client, tables), createTables(client, tables)]),
    ).resolves.toBeDefined();
    expect(await createTables(client, tables)).toEqual({ tables: [], indexes: [] });
  });

  test("one that exists gains the indexes that it lacks, whichever runtime is first, and keeps its items", async () => {
    const [orders] = tables;
    if (orders === undefined) throw new Error("There is no table");
    const { GlobalSecondaryIndexes = [], ...withoutIndexes } = orders;
    const [first, ...others] = GlobalSecondaryIndexes;
    if (first === undefined) throw new Error("It has no index");
    const keys = first.KeySchema.map(({ AttributeName }) => AttributeName);
    const definitions = orders.AttributeDefinitions.filter(
      ({ AttributeName }) => AttributeName === "id" || keys.includes(AttributeName),
    );
    const older = { ...withoutIndexes, AttributeDefinitions: definitions, GlobalSecondaryIndexes: [first] };
    await createTables(client, [older]);
    const table = dynamoTable(client, orders.TableName);
    const store = orderStore(table);
    const ids = Array.from({ length: 250 }, () => randomUUID() as string);
    for (const id of ids) await store.create(newOrder({ id }));

    const both = await Promise.all([createTables(client, tables), createTables(client, tables)]);
    expect(both.flatMap(({ indexes }) => indexes).sort()).toEqual(
      others.map(({ IndexName }) => `${orders.TableName}/${IndexName}`).sort(),
    );
    const found: string[] = [];
    for (let after: string | undefined; ; ) {
      const bound = after === undefined ? {} : { bound: { ">": after } };
      const page = await store.list({
        index: ORDER_INDEXES.buyer.time,
        hash: "buyer#pending",
        limit: 100,
        ...bound,
      });
      found.push(...page.items.map(({ id }) => id));
      after = page.next;
      if (after === undefined) break;
    }
    expect(found.sort()).toEqual(ids.sort());
    expect(await createTables(client, tables)).toEqual({ tables: [], indexes: [] });
  });
});
