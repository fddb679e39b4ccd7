import { expect, test } from "@jest/globals";
import { clients, type NacosClient, nameOf } from "./clients.ts";
import { pagesWith, readPage, readTable } from "./pages.ts";
import type { Outcome } from "./scenario.ts";
import { cellsOf, differencesOf, summaryOf, type Table, tableOf, updated } from "./table.ts";

const [client] = clients;
if (client === undefined) throw new Error("There is no client");
const name = nameOf(client);
const none: Table = new Map();
const seen = (failure?: string): Outcome => ({ step: "list", failure, ms: 1 });

test("the page names every client that is tried, and no other", async () => {
  expect([...(await readTable()).keys()]).toEqual(clients.map(nameOf));
});

test("every page shows the table of docs/registry.md", async () => {
  const pages = await pagesWith(await readTable());
  expect([...pages.keys()]).toEqual(["docs/registry.md", "README.md", "README.zh-CN.md"]);
  for (const [path, page] of pages) expect(await readPage(path)).toBe(page);
});

test("a step that works with one registry does not count for the other", () => {
  const table = updated(none, client, "embedded", [seen()]);
  expect(differencesOf(table, client, "embedded", [seen()])).toEqual([]);
  expect(differencesOf(table, client, "real", [seen("no answer")])).toEqual([]);
  expect(differencesOf(table, client, "real", [seen()])).toHaveLength(1);
});

test("a step that fails where the page says that it works is a difference, and is named with its failure", () => {
  const both = updated(updated(none, client, "embedded", [seen()]), client, "real", [seen()]);
  const failed = [seen("no answer")];
  expect(differencesOf(both, client, "embedded", failed)).toEqual([expect.stringContaining("no answer")]);
  expect(updated(both, client, "embedded", failed).get(name)?.get("list")).toEqual(["real"]);
});

test("a step that a client does not do every time may fail, and no other step of that client", () => {
  const unsteady: NacosClient = { ...client, unsteady: ["list"] };
  const table = updated(none, unsteady, "embedded", [seen(), { ...seen(), step: "login" }]);
  expect(differencesOf(table, unsteady, "embedded", [seen("no answer")])).toEqual([]);
  expect(differencesOf(table, client, "embedded", [seen("no answer")])).toHaveLength(1);
  const login: Outcome = { ...seen("no answer"), step: "login" };
  expect(differencesOf(table, unsteady, "embedded", [login])).toHaveLength(1);
});

test.each([
  [[], "no"],
  [["embedded"], "embedded"],
  [["real"], "Nacos"],
  [["real", "embedded"], "yes"],
] as const)("a step that works with %j is shown as %s, and read as that", (kinds, word) => {
  const table: Table = new Map([[name, new Map([["list", kinds]])]]);
  const cells = cellsOf(table, [client]);
  const [, row = []] = cells;
  expect(row.slice(4)).toEqual(["–", word, ...row.slice(6).map(() => "–")]);
  expect([...(tableOf(cells).get(name)?.get("list") ?? [])].toSorted()).toEqual(kinds.toSorted());
});

test("the summary joins versions that do the same, and counts what works of what was tried", () => {
  const [first, second, third] = clients;
  if (first === undefined || second === undefined || third === undefined)
    throw new Error("There are too few clients");
  const results: [NacosClient, Outcome[]][] = [
    [first, [seen(), { ...seen(), step: "login" }]],
    [second, [seen(), { ...seen(), step: "login" }]],
    [third, [seen("no answer")]],
  ];
  const table = results.reduce((sum, [one, outcomes]) => updated(sum, one, "embedded", outcomes), none);
  expect(summaryOf(table, [first, second, third]).map((row) => row.slice(2))).toEqual([
    [`${first.version}, ${second.version}`, first.protocol, "2/2", "0/2"],
    [third.version, third.protocol, "0/1", "0/1"],
  ]);
});
