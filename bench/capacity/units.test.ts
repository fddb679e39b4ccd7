import { expect, test } from "@jest/globals";
import { type ChargedTable, itemBytes, putCharges, readUnits, type StoredItem } from "./units.ts";

const table: ChargedTable = {
  key: "id",
  indexes: [
    { name: "by_owner", hash: "owner", range: "created", projection: "ALL" },
    { name: "by_due", hash: "due_shard", range: "due_at", projection: [] },
  ],
};
const S = (text: string) => ({ S: text });
const item = (more: StoredItem = {}): StoredItem => ({
  id: S("a"),
  owner: S("ann"),
  created: S("1"),
  doc: S("x".repeat(1_500)),
  ...more,
});

/** Units by index. */
const units = (before: StoredItem | undefined, after: StoredItem | undefined) =>
  Object.fromEntries(
    [...Map.groupBy(putCharges(table, before, after), ({ index }) => index)].map(([index, charges]) => [
      index,
      charges.map((charge) => charge.units),
    ]),
  );

test("an item is its names and values in UTF-8; a number is half its digits and one", () => {
  expect(itemBytes({ id: S("ab"), 名: S("茶") })).toBe(2 + 2 + 3 + 3);
  expect(itemBytes({ n: { N: "12345" } })).toBe(1 + 4);
  expect(itemBytes({ ok: { BOOL: true }, no: { NULL: true } })).toBe(2 + 1 + 2 + 1);
  expect(itemBytes({ m: { M: { a: S("bc") } }, l: { L: [S("d")] } })).toBe(
    1 + 3 + 1 + 1 + 2 + (1 + 3 + 1 + 1),
  );
});

test("a new item is charged by its size, in each index that it has the keys of", () => {
  expect(units(undefined, item())).toEqual({ "": [2], by_owner: [2] });
  expect(units(undefined, item({ due_shard: S("0"), due_at: S("9") }))).toEqual({
    "": [2],
    by_owner: [2],
    by_due: [1],
  });
});

test("a change is charged in an index of whole items, and not in one of keys that stay", () => {
  const due = { due_shard: S("0"), due_at: S("9") };
  expect(units(item(due), item({ ...due, doc: S("y") }))).toEqual({ "": [2], by_owner: [2] });
  expect(units(item(), item())).toEqual({ "": [2] });
});

test("a changed key is a deletion and a new entry, and a key that is taken away a deletion", () => {
  expect(units(item(), item({ owner: S("bob") }))).toEqual({ "": [2], by_owner: [2, 2] });
  expect(units(item({ due_shard: S("0"), due_at: S("9") }), item())).toEqual({
    "": [2],
    by_owner: [2],
    by_due: [1],
  });
});

test("a charge names the hash key that it falls on", () => {
  const hashes = putCharges(table, item(), item({ owner: S("bob") })).map(({ hash }) => hash);
  expect(hashes).toEqual(["", "ann", "bob"]);
});

test("reads are charged for each 4 KB begun, half when they need not be consistent", () => {
  expect([readUnits(0, true), readUnits(4_096, true), readUnits(4_097, true)]).toEqual([1, 1, 2]);
  expect([readUnits(0, false), readUnits(9_000, false)]).toEqual([0.5, 1.5]);
});
