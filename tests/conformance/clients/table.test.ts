import { expect, test } from "@jest/globals";
import { clients } from "./clients.ts";
import type { Outcome } from "./scenario.ts";
import { differencesOf, nameOf, readTable, updated } from "./table.ts";

const [client] = clients;
if (client === undefined) throw new Error("There is no client");
const seen = (failure?: string): Outcome => ({ step: "lists", failure, ms: 1 });

test("the page names every client that is tried, and no other", async () => {
  expect([...(await readTable()).keys()]).toEqual(clients.map(nameOf));
});

test("a step that works with one registry does not count for the other", () => {
  const table = updated(new Map(), client, "embedded", [seen()]);
  expect(table.get(nameOf(client))?.lists).toBe("embedded");
  expect(differencesOf(table, client, "embedded", [seen()])).toEqual([]);
  expect(differencesOf(table, client, "Nacos", [seen("no answer")])).toEqual([]);
  expect(differencesOf(table, client, "Nacos", [seen()])).toHaveLength(1);
  expect(updated(table, client, "Nacos", [seen()]).get(nameOf(client))?.lists).toBe("both");
});

test("a step that fails where the page says that it works is a difference, and is named with its failure", () => {
  const table = updated(updated(new Map(), client, "embedded", [seen()]), client, "Nacos", [seen()]);
  expect(differencesOf(table, client, "embedded", [seen("no answer")])).toEqual([
    expect.stringContaining("no answer"),
  ]);
  expect(updated(table, client, "embedded", [seen("no answer")]).get(nameOf(client))?.lists).toBe("Nacos");
});
