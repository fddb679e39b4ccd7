import { describe, expect, test } from "@jest/globals";
import { BY_DUE } from "../../lib/storage/table.ts";
import { tablesOf } from "../../local/runtime/tables.ts";
import { templateResources } from "../../tests/support/template.ts";
import { NOTIFICATION_INDEXES } from "./notification-store.ts";

describe("The table of notifications in serverless.yml", () => {
  test("has just the indexes that the store reads", async () => {
    const tables = tablesOf(await templateResources("test"));
    const table = tables.find(({ TableName }) => TableName === "test-notifications");
    const declared = table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema }) => ({
      name: IndexName,
      hash: KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName,
      range: KeySchema.find(({ KeyType }) => KeyType === "RANGE")?.AttributeName,
    }));
    expect(declared).toEqual([NOTIFICATION_INDEXES.all, NOTIFICATION_INDEXES.unread, BY_DUE]);
  });
});
