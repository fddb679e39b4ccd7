// What the services send is of the known shapes: nothing of it falls through to dynalite.

import { beforeAll, describe, expect, test } from "@jest/globals";
import { contactRecords } from "../../../functions/notifications/contact-records.ts";
import { connectionRecords } from "../../../functions/notifications/live/connection-records.ts";
import { services } from "../../../functions/services.ts";
import type { DynamoClient } from "../../../lib/storage/dynamo-client.ts";
import { dynamoTable } from "../../../lib/storage/dynamo-table.ts";
import type { Bound, IndexName, Item } from "../../../lib/storage/table.ts";
import { BY_DUE } from "../../../lib/storage/table.ts";
import { systemTables } from "../../../tests/support/system-tables.ts";
import { createAnswers } from "../answers.ts";
import { openMemory } from "../level.ts";
import { createStore } from "../store.ts";
import { asking, counted } from "./test-both.ts";

const BOUNDS: readonly (Bound | undefined)[] = [
  undefined,
  { "<": "3" },
  { "<=": "3" },
  { ">": "1" },
  { ">=": "1" },
  { between: ["1", "3"] },
];

describe("Every request of the storage port", () => {
  const { shapes, answered } = counted();
  let client: DynamoClient;
  let sent: Record<string, number>;

  beforeAll(async () => {
    const ask = asking(createAnswers(await createStore(await openMemory()), () => {}, shapes));
    client = {
      async send(operation, input) {
        const { status, body } = await ask([operation, input]);
        sent = { ...sent, [operation]: (sent[operation] ?? 0) + 1 };
        const reply: Record<string, unknown> = JSON.parse(body);
        const conditionFailed = String(reply["__type"]).endsWith("#ConditionalCheckFailedException");
        if (status !== 200 && !conditionFailed) throw new Error(body);
        return { body: reply, conditionFailed, ambiguous: false };
      },
      close: async () => {},
    };
    sent = {};
    for (const table of systemTables("test")) await client.send("CreateTable", table);
    sent = {};
  });

  const tables = services.flatMap((service) => service.tables);
  const aggregates = tables.filter(({ key, deletes = false }) => key === "id" && !deletes);

  test.each(aggregates)("to the table of $name is of a shape", async ({ name, indexes, keyIndexes }) => {
    const table = dynamoTable(client, `test-${name}`);
    const placedBy = (index: IndexName) => ({ [index.hash]: "one", [index.range]: "2" });
    const placed = Object.assign({}, ...[...indexes, ...keyIndexes].map(placedBy));
    const item = (version: number, index: Item["index"]): Item => ({
      ...{ id: "a", version, schemaVersion: 3, doc: "{}", index, expiresOn: 1_900_000_000 },
    });
    expect(await table.get("a")).toBeUndefined();
    expect(await table.put(item(1, placed), 0)).toBe(true);
    expect(await table.put(item(1, placed), 0)).toBe(false);
    expect(await table.put(item(2, placed), 1)).toBe(true);
    expect(await table.put(item(2, placed), 1)).toBe(false);
    for (const bound of BOUNDS) {
      for (const descending of [true, false]) {
        const asked = { hash: "one", descending, limit: 1, ...(bound ? { bound } : {}) };
        for (const index of indexes) {
          expect((await table.query({ ...asked, index })).items).toEqual([item(2, placed)]);
          expect((await table.queryEntries({ ...asked, index }, ["currency"])).items).toHaveLength(1);
        }
        for (const index of keyIndexes)
          expect((await table.queryIds({ ...asked, index })).items).toEqual(["a"]);
      }
    }
    expect(await table.put(item(3, {}), 2)).toBe(true);
    expect((await table.queryIds({ index: BY_DUE, hash: "one", limit: 1 })).items).toEqual([]);
    expect(answered).toEqual(sent);
  });

  test("for a contact is of a shape", async () => {
    const endpoint = { url: "", region: "", accessKeyId: "", secretAccessKey: "" };
    expect(await contactRecords(client, endpoint, "test-contacts").read("ann")).toBeUndefined();
    expect(answered).toEqual(sent);
  });

  test("for a live connection is of a shape", async () => {
    const endpoint = { url: "", region: "", accessKeyId: "", secretAccessKey: "" };
    expect(await connectionRecords(client, endpoint, "test-connections").read("one")).toBeUndefined();
    expect(answered).toEqual(sent);
  });
});
