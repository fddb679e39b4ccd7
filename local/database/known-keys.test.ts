import { beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { until } from "../../tests/support/poll.ts";
import { withKnownKeys } from "./known-keys.ts";
import { type Level, openMemory, type Write } from "./level.ts";

let memory: Level;
/** Keys that the store below was asked for. */
let asked: string[];
/** Why rows of keys can't be read. */
let failure: Error | undefined;
let readings: number;

/** The store in memory, watched. */
const below = (): Level => ({
  getSync(key: string) {
    asked.push(key);
    return memory.getSync(key);
  },
  bytesSync(key, snapshot) {
    asked.push(key);
    return memory.bytesSync(key, snapshot);
  },
  keys(range) {
    readings += 1;
    const rows = memory.keys(range);
    const nextv = (size: number) => (failure === undefined ? rows.nextv(size) : Promise.reject(failure));
    return { nextv, all: () => rows.all(), close: () => rows.close() };
  },
  values: (range) => memory.values(range),
  iterator: (range) => memory.iterator(range),
  snapshot: () => memory.snapshot(),
  batch: (writes) => memory.batch(writes),
  clear: (range) => memory.clear(range),
  close: () => memory.close(),
});

const put = (key: string, value = key): Write => ({ type: "put", key, value });

beforeEach(async () => {
  memory = await openMemory();
  asked = [];
  failure = undefined;
  readings = 0;
});

/** Until an item that is not stored is no longer looked for. */
const knowing = (level: Level) =>
  until("it knows what is stored", () => {
    asked = [];
    level.getSync("item-t~none");
    level.bytesSync("item-t~none");
    return asked.length === 0;
  });

describe("an item that is not stored", () => {
  test("is not looked for, once a write has had the stored ones read; one that is stored is", async () => {
    await memory.batch([put("item-t~before"), put("index-global~t~by~x")]);
    const level = withKnownKeys(below());
    expect([level.getSync("item-t~none"), level.getSync("item-t~before")]).toEqual([
      undefined,
      "item-t~before",
    ]);
    expect(asked).toEqual(["item-t~none", "item-t~before"]);
    await level.batch([put("item-t~new")]);
    await knowing(level);
    for (const key of ["item-t~before", "item-t~new", "index-global~t~by~x"])
      expect([level.getSync(key), String(level.bytesSync(key))]).toEqual([key, key]);
    expect([...new Set(asked)]).toEqual(["item-t~before", "item-t~new", "index-global~t~by~x"]);
    expect(readings).toBe(1);
  });

  test("nothing but items is known: other keys are always looked for", async () => {
    const level = withKnownKeys(below());
    await level.batch([put("item-t~new")]);
    await knowing(level);
    expect(level.getSync("batches")).toBeUndefined();
    expect(asked).toEqual(["batches"]);
  });

  test("is looked for while the stored ones can't be read; the next write has them read again", async () => {
    await memory.batch([put("item-t~before")]);
    const level = withKnownKeys(below());
    failure = new Error("unreadable");
    await level.batch([put("item-t~a")]);
    await until("it was read", () => readings === 1);
    expect(level.getSync("item-t~none")).toBeUndefined();
    expect(asked).toEqual(["item-t~none"]);
    failure = undefined;
    await until("it is read again", async () => {
      await level.batch([put("item-t~b")]);
      return readings > 1;
    });
    await knowing(level);
    expect(level.getSync("item-t~before")).toBe("item-t~before");
  });
});

test("a store that is closed while it reads what is stored ends the reading", async () => {
  await memory.batch(Array.from({ length: 5_000 }, (_, number) => put(`item-t~${number}`)));
  const level = withKnownKeys(below());
  const written = level.batch([put("item-t~new")]);
  await written;
  await level.close();
});

test("whatever is written, read, removed and written again, it gives what is stored", async () => {
  const key = fc.integer({ min: 0, max: 30 }).map((number) => `item-t~${number}`);
  const step = fc.record({ kind: fc.constantFrom("put", "del", "get", "pause"), key });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.array(key), async (steps, before) => {
      memory = await openMemory();
      await memory.batch(before.map((stored) => put(stored)));
      const level = withKnownKeys(below());
      const expected = new Set(before);
      for (const { kind, key } of steps) {
        if (kind === "pause") await new Promise((resolve) => setImmediate(resolve));
        if (kind === "put") await level.batch([put(key)]);
        if (kind === "del") await level.batch([{ type: "del", key }]);
        if (kind === "put") expected.add(key);
        if (kind === "del") expected.delete(key);
        expect(level.getSync(key)).toBe(expected.has(key) ? key : undefined);
      }
      await level.close();
    }),
    { seed: 1, numRuns: 100 },
  );
});
