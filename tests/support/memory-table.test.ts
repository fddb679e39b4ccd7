import { describe, expect, test } from "@jest/globals";
import { BY_DUE, type Item } from "../../lib/storage/table.ts";
import { Store } from "./memory-table.ts";

describe("an index that lags", () => {
  const item = (version: number, due: string): Item => ({
    id: "a",
    version,
    schemaVersion: 1,
    doc: "{}",
    index: { due_shard: "0", due_at: due },
  });
  const dues = (store: Store, now: number) =>
    store.query({ index: BY_DUE, hash: "0", limit: 9 }, now).items.map(({ index }) => index["due_at"]);

  test("shows a write when its time has come, while a read of the item has it at once", () => {
    const store = new Store();
    store.put(item(1, "1"), 0, 50);
    expect(store.get("a")?.version).toBe(1);
    expect([dues(store, 49), dues(store, 50)]).toEqual([[], ["1"]]);
  });

  test("never shows an older version after a newer", () => {
    const store = new Store();
    store.put(item(1, "1"), 0, 100);
    store.put(item(2, "2"), 1, 10);
    expect([dues(store, 10), dues(store, 100)]).toEqual([["2"], ["2"]]);
  });
});

test("a store reports each write that took place, and no other", () => {
  const calls: [number, number | undefined][] = [];
  const store = new Store((item, before) => calls.push([item.version, before?.version]));
  const item = { id: "a", schemaVersion: 1, doc: "{}", index: {} };
  store.put({ ...item, version: 1 }, 0);
  store.put({ ...item, version: 5 }, 4);
  store.put({ ...item, version: 2 }, 1);
  expect(calls).toEqual([
    [1, undefined],
    [2, 1],
  ]);
});
