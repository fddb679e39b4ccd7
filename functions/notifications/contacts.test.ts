// Contacts over records in memory; and the records themselves in the embedded database, with dynamoose as it really talks.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDynamoClient, type DynamoClient, type Endpoint } from "../../lib/storage/dynamo-client.ts";
import { StorageUnavailable } from "../../lib/storage/errors.ts";
import { type Database, startDatabase } from "../../local/database/server.ts";
import { createTables } from "../../local/runtime/create-tables.ts";
import { systemTables } from "../../tests/support/system-tables.ts";
import { addressFor, contactRecords, createContacts, isAddress } from "./contacts.ts";
import { testWorld, user } from "./test-world.ts";

const EMAIL = "ann@example.com";
const ann = user("ann", { email: EMAIL });
const seller = user("ann", { email: EMAIL, scopes: ["sell"] });

describe("Contacts", () => {
  test("are the address in a user's token, with the time", async () => {
    const { contacts, records } = testWorld();
    await contacts.learn(ann);
    expect(records.writes).toEqual([
      { user: "ann", email: EMAIL, sells: false, updatedAt: "2026-11-01T12:00:00.000Z" },
    ]);
    expect(await contacts.find("ann")).toEqual({ email: EMAIL, sells: false });
  });

  test("are written again only when the token says what this process does not know", async () => {
    const { contacts, records } = testWorld();
    await contacts.learn(ann);
    await contacts.learn(ann);
    expect(records.writes).toHaveLength(1);
    await contacts.learn(user("ann", { email: "ann@example.org" }));
    expect(records.kept.get("ann")?.email).toBe("ann@example.org");
    expect(records.writes).toHaveLength(2);
  });

  test("keep that a user has acted as a seller, also when they act as a buyer again", async () => {
    const { contacts, records } = testWorld();
    await contacts.learn(ann);
    await contacts.learn(seller);
    await contacts.learn(seller);
    await contacts.learn(ann);
    expect(records.writes).toHaveLength(2);
    await contacts.learn(user("ann", { email: "ann@example.org" }));
    expect(await contacts.find("ann")).toEqual({ email: "ann@example.org", sells: true });
  });

  test("are not learnt from a token without a proper address", async () => {
    const { contacts, records } = testWorld();
    await contacts.learn(user("ann"));
    await contacts.learn(user("ann", { email: "ann@example.com, bob@example.com" }));
    expect(records.writes).toEqual([]);
  });

  test("do not count as kept when the write failed", async () => {
    const { records } = testWorld();
    const failing = { ...records, write: () => Promise.reject(new Error("away")) };
    const contacts = createContacts(failing, Date.now);
    await expect(contacts.learn(ann)).rejects.toThrow("away");
    expect(contacts.known("ann")).toBeUndefined();
  });

  test("are asked for once, and a missing one again after a minute", async () => {
    const { contacts, records, clock } = testWorld();
    expect(contacts.known("bob")).toBeUndefined();
    expect(await contacts.find("bob")).toBeUndefined();
    expect(await contacts.find("bob")).toBeUndefined();
    expect(contacts.known("bob")).toBeNull();
    expect(records.reads).toEqual(["bob"]);
    records.kept.set("bob", { email: "bob@example.com", sells: false });
    clock.time += 60_001;
    expect((await contacts.find("bob"))?.email).toBe("bob@example.com");
    expect((await contacts.find("bob"))?.email).toBe("bob@example.com");
    expect(records.reads).toEqual(["bob", "bob"]);
  });
});

test("mail to a seller goes only to who has acted as one; to a buyer, to anyone with an address", () => {
  const contact = (sells: boolean) => ({ email: EMAIL, sells });
  expect(addressFor(contact(false), "buyer")).toBe(EMAIL);
  expect(addressFor(contact(true), "seller")).toBe(EMAIL);
  expect(addressFor(contact(false), "seller")).toBeUndefined();
  expect(addressFor(null, "buyer")).toBeUndefined();
  expect(addressFor(undefined, "buyer")).toBeUndefined();
});

describe("An address", () => {
  test.each(["ann@example.com", "a.b+c@mail.example.com", "李雷@例子.cn"])("may be %s", (address) => {
    expect(isAddress(address)).toBe(true);
  });

  test.each([
    "ann",
    "@example.com",
    "ann@",
    "ann@example.com,bob@example.com",
    "Ann <ann@example.com>",
    "ann@example.com\r\nBcc: bob@example.com",
    "ann bob@example.com",
    "ann@bob@example.com",
    `${"a".repeat(65)}@example.com`,
    "",
  ])("may not be %j", (address) => {
    expect(isAddress(address)).toBe(false);
  });
});

describe("Contacts in DynamoDB", () => {
  let database: Database;
  let client: DynamoClient;
  let endpoint: Endpoint;

  beforeAll(async () => {
    database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
    endpoint = {
      url: `http://127.0.0.1:${database.port}`,
      region: "us-east-1",
      accessKeyId: "local",
      secretAccessKey: "local",
    };
    client = createDynamoClient(endpoint);
    await createTables(client, systemTables("test"));
  });

  afterAll(async () => {
    await client.close();
    await database.close();
  });

  const records = () => contactRecords(client, endpoint, "test-contacts");

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

  test("of the version before, which have no seller's mark, are read", async () => {
    await client.send("PutItem", {
      TableName: "test-contacts",
      Item: { user: { S: "old" }, email: { S: EMAIL }, updated_at: { S: "2026-10-01T12:00:00.000Z" } },
    });
    expect(await records().read("old")).toEqual({ email: EMAIL, sells: false });
  });

  test("are plain records of user, email, mark and time", async () => {
    await records().write("carl", { email: "carl@example.com", sells: true }, "2026-11-01T12:00:00.000Z");
    const { body } = await client.send("GetItem", {
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
    const elsewhere = contactRecords(client, endpoint, "test-elsewhere");
    await expect(elsewhere.write("ann", { email: EMAIL, sells: false }, "now")).rejects.toThrow(
      StorageUnavailable,
    );
    const { body } = await client.send("ListTables", {});
    expect(body["TableNames"]).not.toContain("test-elsewhere");
  });
});
