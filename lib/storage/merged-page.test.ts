import { describe, expect, test } from "@jest/globals";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { mergedPage, PAGE_BYTES } from "./merged-page.ts";
import type { IndexName, IndexQuery, Item } from "./table.ts";

const index: IndexName = { name: "by_kind", hash: "kind", range: "at" };

const item = (kind: string, at: string, doc = "{}"): Item => ({
  id: at,
  version: 1,
  schemaVersion: 1,
  doc,
  index: { kind, at },
});

/** A table of these items, and the queries sent to it. */
async function tableOf(items: readonly Item[]) {
  const table = memoryTable();
  for (const one of items) await table.put(one, 0);
  const sent: IndexQuery[] = [];
  const ask = async (query: IndexQuery) => {
    sent.push(query);
    return table.query(query);
  };
  return { table, ask, sent };
}

const queries = (limit: number, more: Partial<IndexQuery> = {}): IndexQuery[] =>
  ["a", "b", "c"].map((hash) => ({ index, hash, limit, ...more }));

const ids = ({ items }: { items: readonly Item[] }) => items.map(({ id }) => id);

describe("a page of several queries", () => {
  const mixed = [item("a", "01"), item("b", "02"), item("c", "03"), item("a", "04"), item("b", "05")];

  test("is in their common order, and says where it ended", async () => {
    const { ask } = await tableOf(mixed);
    const page = await mergedPage(ask, queries(2));
    expect([ids(page), page.next]).toEqual([["01", "02"], "02"]);
    const rest = await mergedPage(ask, queries(9, { bound: { ">": "02" } }));
    expect([ids(rest), rest.next]).toEqual([["03", "04", "05"], undefined]);
  });

  test("descends where they do", async () => {
    const { ask } = await tableOf(mixed);
    const page = await mergedPage(ask, queries(2, { descending: true, bound: { "<": "05" } }));
    expect([ids(page), page.next]).toEqual([["04", "03"], "03"]);
  });

  test("does not read what comes after its end", async () => {
    const { ask, sent } = await tableOf(mixed);
    await mergedPage(ask, queries(1));
    expect(sent.map(({ bound }) => bound)).toEqual([undefined, { "<=": "01" }, { "<=": "01" }]);
    sent.length = 0;
    await mergedPage(ask, queries(1, { descending: true, bound: { "<": "05" } }));
    const between = ["04", "04\u{10ffff}"];
    expect(sent.map(({ bound }) => bound)).toEqual([{ "<": "05" }, { between }, { between }]);
  });

  test("ends before its documents are larger than a page, with one at least", async () => {
    const half = JSON.stringify("x".repeat(PAGE_BYTES / 2));
    const whole = JSON.stringify("x".repeat(PAGE_BYTES + 1));
    const { ask } = await tableOf([item("a", "01", whole), item("b", "02", half), item("c", "03", half)]);
    const first = await mergedPage(ask, queries(10));
    expect([ids(first), first.next]).toEqual([["01"], "01"]);
    const second = await mergedPage(ask, queries(10, { bound: { ">": "01" } }));
    expect([ids(second), second.next]).toEqual([["02"], "02"]);
    const third = await mergedPage(ask, queries(10, { bound: { ">": "02" } }));
    expect([ids(third), third.next]).toEqual([["03"], undefined]);
  });

  test("has an item once that moves from one query to a later one meanwhile, as it is there", async () => {
    const { table, ask } = await tableOf(mixed);
    const page = await mergedPage(async (query) => {
      const found = await ask(query);
      if (query.hash === "a") await table.put({ ...item("b", "01", '"moved"'), version: 2 }, 1);
      return found;
    }, queries(9));
    expect(ids(page)).toEqual(["01", "02", "03", "04", "05"]);
    expect(page.items[0]?.doc).toBe('"moved"');
  });
});
