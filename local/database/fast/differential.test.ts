// What the shapes answer and store is what dynalite would have answered and stored, byte by byte.

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Write } from "../level.ts";
import type { Access, Shape } from "./shape.ts";
import { SHAPES, type Shapes } from "./shapes.ts";
import { counted, differenceBy } from "./test-both.ts";
import { bursts, largeItems } from "./test-requests.ts";

describe("The same requests, answered with shapes and without,", () => {
  test("get the same replies and leave the same bytes: those of the services, nearly the same, and others", async () => {
    const { shapes, answered } = counted();
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(bursts, async (requests) => {
        sent += requests.flat().length;
        expect(await differenceBy(shapes, requests)).toBeUndefined();
      }),
      { seed: 1, numRuns: 150 },
    );
    expect(sent).toBeGreaterThan(5_000);
    for (const name of SHAPES.keys()) expect(answered[name]).toBeGreaterThan(300);
  });

  test("get the same replies and pages of items near each limit of size", async () => {
    const { shapes, answered } = counted();
    await fc.assert(
      fc.asyncProperty(largeItems, async (requests) => {
        expect(await differenceBy(shapes, [requests.slice(0, -1), requests.slice(-1)])).toBeUndefined();
      }),
      { seed: 1, numRuns: 25 },
    );
    for (const name of ["PutItem", "Query"]) expect(answered[name]).toBeGreaterThan(20);
  });
});

/** The shapes, where that of `operation` has only changed access to the store. */
const withAccess = (operation: string, change: (access: Access) => Partial<Access>): Shapes =>
  withShape(operation, (shape) => (input, access) => shape(input, { ...access, ...change(access) }));

function withShape(operation: string, change: (shape: Shape) => Shape): Shapes {
  const shape = SHAPES.get(operation);
  if (shape === undefined) throw new Error(`There is no shape for ${operation}`);
  return new Map([...SHAPES, [operation, change(shape)]]);
}

const withWrites = (change: (writes: readonly Write[]) => readonly Write[]): Shapes =>
  withAccess("PutItem", ({ commits }) => ({
    commits: {
      write: (writes, done) => commits.write(change(writes), done),
      underWay: (concerns) => commits.underWay(concerns),
    },
  }));

/** Keeps each page for good, whatever is written. */
function withStalePages(): Shapes {
  const pages = new WeakMap<Access["level"], Map<string, readonly string[]>>();
  return withAccess("Query", ({ level }) => {
    const kept = pages.get(level) ?? new Map<string, readonly string[]>();
    pages.set(level, kept);
    return {
      pages: {
        mark: 0,
        find: ({ range }) => kept.get(JSON.stringify(range)),
        keep: ({ range }, rows) => void kept.set(JSON.stringify(range), rows),
      },
    };
  });
}

const withReply = (operation: string, change: (text: string) => string): Shapes =>
  withShape(operation, (shape) => (input, access) => {
    const work = shape(input, access);
    return work && ((done, pass) => work((error, body = "") => done(error, change(String(body))), pass));
  });

/** Recognises requests with one field more, as if it was not there. */
const ignoring = (operation: string, field: string): Shapes =>
  withShape(operation, (shape) => (input, access) => {
    const known = Object.entries(input ?? {}).filter(([name]) => name !== field);
    return shape(Object.fromEntries(known), access);
  });

const FAULTS: readonly (readonly [string, Shapes])[] = [
  ["old index entries stay", withWrites((writes) => writes.filter(({ type }) => type === "put"))],
  ["index entries are not written", withWrites((writes) => writes.slice(-1))],
  [
    "index entries hold whole items",
    withWrites((writes) => writes.map((write) => ({ ...write, value: JSON.stringify(writes) }))),
  ],
  [
    "a condition always finds no item",
    withAccess("PutItem", ({ level }) => ({
      level: Object.create(level, { getSync: { value: () => undefined } }),
    })),
  ],
  ["a reply to a put has no body", withReply("PutItem", () => "")],
  ["an item has another order", withReply("GetItem", (text) => text.replace(/^\{"Item"/, '{"Item" '))],
  ["a batch lacks an item", withReply("BatchGetItem", (text) => text.replace(/,\{"id".*?\}(?=[,\]])/, ""))],
  [
    "a page never says that another follows",
    withReply("Query", (text) => text.replace(/"LastEva.*?\}\},/, "")),
  ],
  ["a page counts one item less", withReply("Query", (text) => text.replace('"Count":2', '"Count":1'))],
  ["the capacity that a get consumes is not told", ignoring("GetItem", "ReturnConsumedCapacity")],
  ["the capacity that a put consumes is not told", ignoring("PutItem", "ReturnConsumedCapacity")],
  ["a page is kept although its entries have changed", withStalePages()],
  ["a page begins at the start each time", ignoring("Query", "ExclusiveStartKey")],
];

describe("A shape that answers wrongly is found:", () => {
  test.each(FAULTS)("%s", async (_, shapes) => {
    const { failed } = await fc.check(
      fc.asyncProperty(bursts, async (requests) => (await differenceBy(shapes, requests)) === undefined),
      { seed: 1, numRuns: 150, endOnFailure: true },
    );
    expect(failed).toBe(true);
  });
});
