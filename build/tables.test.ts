import { describe, expect, test } from "@jest/globals";
import { services } from "../functions/services.ts";
import { aggregateTable } from "../lib/storage/table-definition.ts";
import { tableResources } from "./tables.ts";

const options = { family: "shop-test", onRemoval: "Retain" };
const key = (AttributeName: string, KeyType: "HASH" | "RANGE") => ({ AttributeName, KeyType });
const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" });

describe("a table of aggregates", () => {
  const definition = aggregateTable("gift-cards", {
    indexes: [{ name: "by_owner", hash: "owner", range: "created" }],
    keyIndexes: [{ name: "by_day", hash: "day", range: "created" }],
  });
  const { GiftCardsTable: table } = tableResources([definition], options);

  test("is a resource by its own name, with each index that its stores read and the sweep's", () => {
    expect(table?.Properties).toMatchObject({
      TableName: "shop-test-gift-cards",
      KeySchema: [key("id", "HASH")],
      AttributeDefinitions: ["id", "owner", "created", "day", "due_shard", "due_at"].map(text),
      GlobalSecondaryIndexes: [
        {
          IndexName: "by_owner",
          KeySchema: [key("owner", "HASH"), key("created", "RANGE")],
          Projection: { ProjectionType: "ALL" },
        },
        {
          IndexName: "by_day",
          KeySchema: [key("day", "HASH"), key("created", "RANGE")],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
        {
          IndexName: "by_due",
          KeySchema: [key("due_shard", "HASH"), key("due_at", "RANGE")],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
    });
  });

  test("has indexes as narrow as its lists allow where that is wanted, and those of whole items otherwise", () => {
    const list = { name: "by_owner", hash: "owner", range: "created" };
    const projections = (narrow: boolean) => {
      const { NarrowTable } = tableResources(
        [
          aggregateTable("narrow", {
            indexes: [
              list,
              { ...list, name: "keys", carries: [] },
              { ...list, name: "some", carries: ["price"] },
            ],
          }),
        ],
        { ...options, narrow },
      );
      const { GlobalSecondaryIndexes: indexes }: { GlobalSecondaryIndexes?: readonly object[] } = Object(
        NarrowTable?.Properties,
      );
      return indexes?.map((index) => Reflect.get(index, "Projection"));
    };
    const [all, keys] = [{ ProjectionType: "ALL" }, { ProjectionType: "KEYS_ONLY" }];
    const some = { ProjectionType: "INCLUDE", NonKeyAttributes: ["price"] };
    expect(projections(true)).toEqual([all, keys, some, keys]);
    expect(projections(false)).toEqual([all, all, all, keys]);
  });

  test("is kept or deleted with its stack as the stage has it, and when it is replaced", () => {
    expect(table).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
  });
});

test("a table without indexes declares none", () => {
  const plain = { name: "plain", key: "user", indexes: [], keyIndexes: [] };
  const { PlainTable: table } = tableResources([plain], options);
  expect(table?.Properties).toMatchObject({ KeySchema: [key("user", "HASH")] });
  expect(table?.Properties).not.toHaveProperty("GlobalSecondaryIndexes");
});

test("no two services have a table of one name", () => {
  const names = services.flatMap(({ tables }) => tables.map(({ name }) => name));
  expect(names).toEqual([...new Set(names)]);
});

test("logical ids are those of deployed stacks: another one would replace the table and lose its data", () => {
  const definitions = services.flatMap(({ tables }) => tables);
  expect(Object.keys(tableResources(definitions, options))).toEqual(
    expect.arrayContaining([
      "OrdersTable",
      "PaymentsTable",
      "SandboxTable",
      "NotificationsTable",
      "ContactsTable",
    ]),
  );
});

test("tables that are kept can't be deleted in any other way, and those of a disposable stage can", () => {
  const definition = aggregateTable("gift-cards", {});
  const of = (onRemoval: string) =>
    tableResources([definition], { family: "f", onRemoval })["GiftCardsTable"];
  expect(of("Retain")).toMatchObject({
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: { DeletionProtectionEnabled: true },
  });
  expect(of("Delete")?.DeletionPolicy).toBe("Delete");
  expect(of("Delete")?.Properties).not.toHaveProperty("DeletionProtectionEnabled");
});
