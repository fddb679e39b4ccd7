import { expect, test } from "@jest/globals";
import { createAnswers } from "./answers.ts";
import { openMemory, type Write } from "./level.ts";
import { createStore } from "./store.ts";

const TABLE = {
  TableName: "shop-orders",
  AttributeDefinitions: ["id", "due_shard", "due_at"].map((AttributeName) => ({
    AttributeName,
    AttributeType: "S",
  })),
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  GlobalSecondaryIndexes: [
    {
      IndexName: "by_due",
      KeySchema: [
        { AttributeName: "due_shard", KeyType: "HASH" },
        { AttributeName: "due_at", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
  BillingMode: "PAY_PER_REQUEST",
};

test("items are told, whichever way they are written, and index entries are not; removed ones have no text", async () => {
  const level = await openMemory();
  const items: Write[] = [];
  const store = await createStore(level, (writes) => items.push(...writes.filter((write) => write.of)));
  const answer = createAnswers(store, () => {});
  const ask = (operation: string, input: object) =>
    new Promise((resolve) =>
      answer(operation, JSON.stringify(input), ({ status, body }) => resolve([status, String(body)])),
    );
  const [TableName, Key] = ["shop-orders", { id: { S: "o" } }];
  const item = { ...Key, version: { N: "1" }, due_shard: { S: "0" }, due_at: { S: "1" } };
  await ask("CreateTable", TABLE);
  await ask("PutItem", { TableName, Item: item, ConditionExpression: "attribute_not_exists(id)" });
  await ask("UpdateItem", { TableName, Key, UpdateExpression: "REMOVE due_at" });
  await ask("DeleteItem", { TableName, Key });
  const over = { id: { S: "over" }, expires_on: { N: "1" } };
  await ask("PutItem", { TableName, Item: over, ConditionExpression: "attribute_not_exists(id)" });
  await store.expiry.look();
  const { due_at, ...updated } = item;
  const textOf = (write: Write) => (write.type === "put" ? JSON.parse(write.value) : undefined);
  expect(items.map((write) => [write.of, textOf(write)])).toEqual([
    [{ table: "shop-orders", item }, item],
    [{ table: "shop-orders", item: updated }, updated],
    [{ table: "shop-orders", item: undefined }, undefined],
    [{ table: "shop-orders", item: over }, over],
    [{ table: "shop-orders", item: undefined }, undefined],
  ]);
  await level.close();
});
