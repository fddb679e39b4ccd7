// Pages are kept until something is written to their part of an index, or it is unclear what is stored.

import { beforeEach, describe, expect, test } from "@jest/globals";
import { indexPrefix } from "../keyspace.ts";
import type { Write } from "../level.ts";
import { KeptPages } from "./kept-pages.ts";
import { hashPart } from "./keys.ts";
import type { PageQuery } from "./query-shape.ts";

const prefix = indexPrefix("global", "shop", "by_user");

/** A page of the index entries of `user`. */
function pageOf(user: string, limit = 10): PageQuery {
  const part = prefix + hashPart(user);
  const index = { name: "by_user", hash: "user", range: "created", whole: true, prefix };
  const table = { name: "shop", key: "id", prefix: "item-shop~", indexes: [index] };
  return { table, index, part, range: { gte: part, lt: `${part}~`, limit }, limit, names: undefined };
}

const entryOf = (user: string): Write => ({
  type: "put",
  key: `${prefix}${hashPart(user)}31/x/y`,
  value: "y",
});

let writeFailure: string | undefined;
let writing: PromiseWithResolvers<void>;
let pages: KeptPages;

beforeEach(() => {
  writeFailure = undefined;
  writing = Promise.withResolvers();
  pages = new KeptPages({
    get writeFailure() {
      return writeFailure;
    },
    batch: () => writing.promise,
    clear: () => writing.promise,
  });
  for (const user of ["ann", "bob"]) pages.keep(pageOf(user), [user], pages.mark);
});

const kept = () => ["ann", "bob"].filter((user) => pages.find(pageOf(user)) !== undefined);

describe("A page", () => {
  test("is found by its range and limit", () => {
    expect(pages.find(pageOf("ann"))).toEqual(["ann"]);
    expect(pages.find(pageOf("ann", 11))).toBeUndefined();
    expect(pages.find(pageOf("cat"))).toBeUndefined();
  });

  test("is given up when an entry of its part is written, as soon as that begins", () => {
    void pages.batch([{ type: "put", key: "item-shop~1", value: "{}" }, entryOf("ann")]);
    expect(kept()).toEqual(["bob"]);
  });

  test("that was read while something was written is not kept", async () => {
    const { mark } = pages;
    const batch = pages.batch([entryOf("ann")]);
    pages.keep(pageOf("ann"), ["old"], mark);
    pages.keep(pageOf("ann"), ["old"], pages.mark);
    writing.resolve();
    await batch;
    pages.keep(pageOf("ann"), ["old"], mark);
    expect(kept()).toEqual(["bob"]);
    pages.keep(pageOf("ann"), ["new"], pages.mark);
    expect(pages.find(pageOf("ann"))).toEqual(["new"]);
  });

  test("of any part is given up when a write fails, and none is kept until the store is well", async () => {
    const batch = pages.batch([entryOf("cat")]);
    writeFailure = "the disk is full";
    writing.reject(new Error(writeFailure));
    await expect(batch).rejects.toThrow("full");
    expect(kept()).toEqual([]);
    pages.keep(pageOf("ann"), ["ann"], pages.mark);
    expect(kept()).toEqual([]);
    writeFailure = undefined;
    pages.keep(pageOf("ann"), ["ann"], pages.mark);
    expect(kept()).toEqual(["ann"]);
  });

  test("of any part is given up when a table is cleared, also one that was read meanwhile", async () => {
    const { mark } = pages;
    const cleared = pages.clear({ gte: prefix });
    pages.keep(pageOf("cat"), ["cat"], mark);
    writing.resolve();
    await cleared;
    expect(kept()).toEqual([]);
    expect(pages.find(pageOf("cat"))).toBeUndefined();
  });
});

test("All pages are given up when there are too many entries", () => {
  const many = Array.from({ length: 100 }, (_, n) => String(n));
  for (let n = 0; n < 190; n += 1) pages.keep(pageOf(`user ${n}`), many, pages.mark);
  expect(kept()).toEqual(["ann", "bob"]);
  for (let n = 190; n < 200; n += 1) pages.keep(pageOf(`user ${n}`), many, pages.mark);
  expect(kept()).toEqual([]);
  expect(pages.find(pageOf("user 199"))).toEqual(many);
});
