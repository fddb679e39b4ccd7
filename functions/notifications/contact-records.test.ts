// The records in the embedded database, with dynamoose as it really talks.

import { describe, expect, test } from "@jest/globals";
import { StorageUnavailable } from "../../lib/storage/errors.ts";
import { contactRecords } from "./contact-records.ts";
import { recordsDatabase } from "./test-records.ts";

const EMAIL = "ann@example.com";

describe("Contacts in DynamoDB", () => {
  const database = recordsDatabase();
  const records = () => contactRecords(database().client, database().endpoint, "test-contacts");

  test("are written, replaced and read", async () => {
    const { read, write } = records();
    expect(await read("ann")).toBeUndefined();
    const first = { email: EMAIL, sells: false };
    expect(await write("ann", first, "2026-11-01T12:00:00.000Z")).toEqual(first);
    await write("ann", { email: "ann@example.org", sells: false }, "2026-11-02T12:00:00.000Z");
    expect(await read("ann")).toEqual({ email: "ann@example.org", sells: false });
    expect(await read("bob")).toBeUndefined();
  });

  test("keep the seller's mark, whoever writes after it", async () => {
    const { read, write } = records();
    await write("shop", { email: EMAIL, sells: true }, "2026-11-01T12:00:00.000Z");
    const kept = await write("shop", { email: "new@example.org", sells: false }, "2026-11-02T12:00:00.000Z");
    expect(kept).toEqual({ email: "new@example.org", sells: true });
    expect(await read("shop")).toEqual(kept);
  });

  test("keep the language, whoever writes after it, and none that is not supported", async () => {
    const { read, write } = records();
    await write("li", { email: EMAIL, sells: false, locale: "zh-CN" }, "2026-11-01T12:00:00.000Z");
    await write("li", { email: EMAIL, sells: true }, "2026-11-02T12:00:00.000Z");
    expect(await read("li")).toEqual({ email: EMAIL, sells: true, locale: "zh-CN" });
    await database().client.send("PutItem", {
      TableName: "test-contacts",
      Item: { user: { S: "odd" }, email: { S: EMAIL }, locale: { S: "tlh" }, updated_at: { S: "now" } },
    });
    expect(await read("odd")).toEqual({ email: EMAIL, sells: false });
  });

  test("of the version before, which have no seller's mark, are read", async () => {
    await database().client.send("PutItem", {
      TableName: "test-contacts",
      Item: { user: { S: "old" }, email: { S: EMAIL }, updated_at: { S: "2026-10-01T12:00:00.000Z" } },
    });
    expect(await records().read("old")).toEqual({ email: EMAIL, sells: false });
  });

  test("are plain records of user, email, mark and time", async () => {
    await records().write("carl", { email: "carl@example.com", sells: true }, "2026-11-01T12:00:00.000Z");
    const { body } = await database().client.send("GetItem", {
      TableName: "test-contacts",
      Key: { user: { S: "carl" } },
    });
    expect(body["Item"]).toEqual({
      user: { S: "carl" },
      email: { S: "carl@example.com" },
      sells: { BOOL: true },
      updated_at: { S: "2026-11-01T12:00:00.000Z" },
    });
  });

  test("never create a table", async () => {
    const elsewhere = contactRecords(database().client, database().endpoint, "test-elsewhere");
    await expect(elsewhere.write("ann", { email: EMAIL, sells: false }, "now")).rejects.toThrow(
      StorageUnavailable,
    );
    const { body } = await database().client.send("ListTables", {});
    expect(body["TableNames"]).not.toContain("test-elsewhere");
  });
});
