import { expect, test } from "@jest/globals";
import { itemPrefix } from "./keyspace.ts";
import { storedChanges } from "./stored-change.ts";

test("items are told from index entries, removed ones have no text", () => {
  const writes = [
    { type: "put", key: "index-global~shop-orders~by_due~1", value: "00" },
    { type: "put", key: `${itemPrefix("shop-orders")}00`, value: "{}" },
    { type: "del", key: `${itemPrefix("shop-orders")}01` },
  ] as const;
  expect(storedChanges(writes)).toEqual([
    { table: "shop-orders", text: "{}" },
    { table: "shop-orders", text: undefined },
  ]);
});
