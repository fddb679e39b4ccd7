// What every adapter of the storage port must do: held against the table in memory and the embedded database, or against the
// DynamoDB at TEST_DYNAMODB (host:port), which `npm run test:dynamodb` brings up.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { BY_DUE, type Item, type Table } from "../../../lib/storage/table.ts";
import { startDatabase } from "../../../local/database/server.ts";
import { BY_OWNER, clientOf, openTable } from "../../support/dynamo.ts";
import { memoryTable } from "../../support/memory-table.ts";

const dynamodb = process.env["TEST_DYNAMODB"];
const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

type Owned = Parameters<typeof openTable>[1];

async function tableAt(url: string, embedded = false, owned?: Owned): Promise<Table> {
  const client = clientOf(url, embedded);
  cleanups.push(() => client.close());
  return openTable(client, owned);
}

async function embeddedTable(byFrames: boolean, owned?: Owned): Promise<Table> {
  const database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
  cleanups.push(() => database.close());
  return tableAt(`http://127.0.0.1:${database.port}`, byFrames, owned);
}

interface Adapter {
  readonly name: string;
  /** Gives an empty table. */
  open(): Promise<Table>;
}

const ADAPTERS: readonly Adapter[] =
  dynamodb === undefined
    ? [
        { name: "in memory", open: async () => memoryTable() },
        { name: "of the embedded database by HTTP", open: () => embeddedTable(false) },
        { name: "of the embedded database by frames", open: () => embeddedTable(true) },
        { name: "whose index does not hold whole items", open: () => embeddedTable(true, ["price"]) },
      ]
    : [
        { name: `of DynamoDB at ${dynamodb}`, open: () => tableAt(`http://${dynamodb}`) },
        {
          name: `of DynamoDB at ${dynamodb}, whose index does not hold whole items`,
          open: () => tableAt(`http://${dynamodb}`, false, ["price"]),
        },
      ];

const anItem = (id: string, given: Partial<Item> = {}): Item => ({
  id,
  version: 1,
  schemaVersion: 1,
  doc: "{}",
  index: {},
  ...given,
});

describe.each(ADAPTERS)("a table $name", ({ open }) => {
  let table: Table;
  beforeAll(async () => {
    table = await open();
  });

  describe("put and get", () => {
    test("an item comes back as it was written, texts of every script included", async () => {
      const item = anItem("whole", {
        doc: JSON.stringify({ text: '张三 🙂 " \\ \n\u2028' }),
        expiresOn: 1_900_000_000,
      });
      expect(await table.put(item, 0)).toBe(true);
      expect(await table.get("whole")).toEqual(item);
    });

    test("an id that was never written gives nothing", async () => {
      expect(await table.get("never")).toBeUndefined();
    });

    test("creating what exists writes nothing", async () => {
      await table.put(anItem("twice", { doc: "first" }), 0);
      expect(await table.put(anItem("twice", { doc: "second" }), 0)).toBe(false);
      expect((await table.get("twice"))?.doc).toBe("first");
    });

    test("replacing a version that is no longer there writes nothing", async () => {
      await table.put(anItem("stale", { version: 1 }), 0);
      expect(await table.put(anItem("stale", { version: 2, doc: "second" }), 1)).toBe(true);
      expect(await table.put(anItem("stale", { version: 2, doc: "late" }), 1)).toBe(false);
      expect(await table.put(anItem("stale", { version: 4, doc: "early" }), 3)).toBe(false);
      expect(await table.get("stale")).toMatchObject({ version: 2, doc: "second" });
    });

    test("replacing what does not exist writes nothing", async () => {
      expect(await table.put(anItem("absent", { version: 2 }), 1)).toBe(false);
      expect(await table.get("absent")).toBeUndefined();
    });

    test("of 20 writers that replace the same version, one succeeds", async () => {
      await table.put(anItem("raced"), 0);
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, writer) =>
          table.put(anItem("raced", { version: 2, doc: String(writer) }), 1),
        ),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect((await table.get("raced"))?.doc).toBe(String(outcomes.indexOf(true)));
    });

    test("a replaced item keeps nothing of the one before", async () => {
      await table.put(
        anItem("shed", { index: { owner: "shedder", created: "1" }, expiresOn: 1_900_000_000 }),
        0,
      );
      await table.put(anItem("shed", { version: 2 }), 1);
      expect(await table.get("shed")).toEqual(anItem("shed", { version: 2 }));
      expect((await table.query({ index: BY_OWNER, hash: "shedder", limit: 5 })).items).toEqual([]);
    });
  });

  describe("an index", () => {
    const created = ["01", "02", "03", "04", "05", "06", "07"];
    const pageOf = async (bound?: Parameters<Table["query"]>[0]["bound"], descending = false, limit = 3) => {
      const page = await table.query({
        index: BY_OWNER,
        hash: "ann",
        descending,
        limit,
        ...(bound ? { bound } : {}),
      });
      return { ranges: page.items.map((item) => item.index["created"]), next: page.next };
    };

    beforeAll(async () => {
      const shuffled = [3, 0, 6, 1, 5, 2, 4].map((at) => created[at] ?? "");
      for (const at of shuffled)
        await table.put(anItem(`ann-${at}`, { index: { owner: "ann", created: at } }), 0);
      await table.put(anItem("bob-1", { index: { owner: "bob", created: "03" } }), 0);
    });

    test.each([
      [false, created],
      [true, [...created].reverse()],
    ])("is read page by page, descending %p, each item once", async (descending, expected) => {
      const seen: unknown[] = [];
      let page = await pageOf(undefined, descending);
      let pages = 1;
      for (; page.next !== undefined && pages < 10; pages += 1) {
        seen.push(...page.ranges);
        page = await pageOf(descending ? { "<": page.next } : { ">": page.next }, descending);
      }
      expect([...seen, ...page.ranges]).toEqual(expected);
      expect(pages).toBe(3);
    });

    test("says on a page that ends with the last item that nothing follows", async () => {
      expect(await pageOf(undefined, false, 7)).toEqual({ ranges: created, next: undefined });
      expect(await pageOf({ ">": "04" }, false, 3)).toEqual({ ranges: ["05", "06", "07"], next: undefined });
    });

    test.each([
      [{ "<": "03" }, ["01", "02"]],
      [{ "<=": "03" }, ["01", "02", "03"]],
      [{ ">": "05" }, ["06", "07"]],
      [{ ">=": "05" }, ["05", "06", "07"]],
      [{ between: ["03", "05"] as const }, ["03", "04", "05"]],
      [{ between: ["031", "041"] as const }, ["04"]],
      [{ between: ["03\u0000", "05"] as const }, ["04", "05"]],
      [{ ">": "07" }, []],
    ])("keeps to the bound %j", async (bound, expected) => {
      expect(await pageOf(bound, false, 7)).toEqual({ ranges: expected, next: undefined });
    });

    test("returns the requested attributes of the items that have them, and where the page ended", async () => {
      const priced = { owner: "cat", created: "01", price: "7", place: "x" };
      await table.put(anItem("cat-1", { doc: "a document", index: priced }), 0);
      await table.put(anItem("cat-2", { index: { owner: "cat", created: "02" } }), 0);
      await table.put(anItem("cat-3", { index: { ...priced, created: "03" } }), 0);
      const page = await table.queryEntries({ index: BY_OWNER, hash: "cat", limit: 2 }, ["price", "owner"]);
      expect(page).toEqual({
        items: [
          { id: "cat-1", index: { price: "7", owner: "cat" } },
          { id: "cat-2", index: { owner: "cat" } },
        ],
        next: "02",
      });
      const bound = { ">": "02" };
      const rest = await table.queryEntries({ index: BY_OWNER, hash: "cat", bound, limit: 2 }, ["created"]);
      expect(rest).toEqual({ items: [{ id: "cat-3", index: { created: "03" } }], next: undefined });
    });

    test("is not read for somebody who waits no longer", async () => {
      const signal = AbortSignal.abort(new Error("gone"));
      const query = { index: BY_OWNER, hash: "ann", limit: 1, signal };
      await expect(table.query(query)).rejects.toThrow("gone");
      await expect(table.queryEntries(query, [])).rejects.toThrow("gone");
      await expect(table.queryIds(query)).rejects.toThrow("gone");
    });

    test("distinguishes hash keys", async () => {
      const { items } = await table.query({ index: BY_OWNER, hash: "bob", limit: 5 });
      expect(items).toEqual([anItem("bob-1", { index: { owner: "bob", created: "03" } })]);
    });

    test("does not list items without its attributes, nor those that lost them", async () => {
      const due = { due_shard: "0", due_at: "2026-01-01#sparse" };
      const idsDue = async () => (await table.queryIds({ index: BY_DUE, hash: "0", limit: 5 })).items;
      await table.put(anItem("sparse"), 0);
      expect(await idsDue()).toEqual([]);
      await table.put(anItem("sparse", { version: 2, index: due }), 1);
      expect(await idsDue()).toEqual(["sparse"]);
      await table.put(anItem("sparse", { version: 3 }), 2);
      expect(await idsDue()).toEqual([]);
    });

    test("of keys gives ids, in order and by pages", async () => {
      for (const name of ["b", "a", "c"]) {
        await table.put(anItem(`due-${name}`, { index: { due_shard: "9", due_at: name } }), 0);
      }
      const query = { index: BY_DUE, hash: "9", limit: 2 };
      expect(await table.queryIds(query)).toEqual({ items: ["due-a", "due-b"], next: "b" });
      expect(await table.queryIds({ ...query, bound: { ">": "b" } })).toEqual({
        items: ["due-c"],
        next: undefined,
      });
    });
  });
});
