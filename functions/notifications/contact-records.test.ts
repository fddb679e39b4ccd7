// Against the embedded database: dynamoose as it really talks.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDynamoClient, type DynamoClient, type Endpoint } from "../../lib/storage/dynamo-client.ts";
import { StorageUnavailable } from "../../lib/storage/errors.ts";
import { type Database, startDatabase } from "../../local/database/server.ts";
import { createTables } from "../../local/runtime/create-tables.ts";
import { systemTables } from "../../tests/support/system-tables.ts";
import { dynamooseContacts } from "./contact-records.ts";

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

describe("Contacts in DynamoDB", () => {
  test("are written, replaced and read", async () => {
    const contacts = dynamooseContacts(endpoint, "test-contacts");
    expect(await contacts.read("ann")).toBeUndefined();
    await contacts.write("ann", "ann@example.com", "2026-11-01T12:00:00.000Z");
    await contacts.write("ann", "ann@example.org", "2026-11-02T12:00:00.000Z");
    expect(await contacts.read("ann")).toBe("ann@example.org");
    expect(await contacts.read("bob")).toBeUndefined();
  });

  test("are plain records of user, email and time", async () => {
    const contacts = dynamooseContacts(endpoint, "test-contacts");
    await contacts.write("carl", "carl@example.com", "2026-11-01T12:00:00.000Z");
    const { body } = await client.send("GetItem", {
      TableName: "test-contacts",
      Key: { user: { S: "carl" } },
    });
    expect(body["Item"]).toEqual({
      user: { S: "carl" },
      email: { S: "carl@example.com" },
      updated_at: { S: "2026-11-01T12:00:00.000Z" },
    });
  });

  test("never create a table", async () => {
    const contacts = dynamooseContacts(endpoint, "test-elsewhere");
    await expect(contacts.write("ann", "ann@example.com", "now")).rejects.toThrow(StorageUnavailable);
    const { body } = await client.send("ListTables", {});
    expect(body["TableNames"]).not.toContain("test-elsewhere");
  });
});
