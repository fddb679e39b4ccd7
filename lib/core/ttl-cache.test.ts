import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { TtlCache } from "./ttl-cache.ts";

function cacheOf(limit = 3, ttl = 100) {
  const clock = { time: 1_000 };
  return { clock, cache: new TtlCache<string | null>({ limit, ttl, now: () => clock.time }) };
}

describe("a cache", () => {
  test("gives what was set last, also when that is null", () => {
    const { cache } = cacheOf();
    expect(cache.get("a")).toBeUndefined();
    cache.set("a", "1");
    cache.set("a", null);
    expect(cache.get("a")).toBeNull();
  });

  test("forgets an entry when its time is over, and holds it no longer", () => {
    const { cache, clock } = cacheOf();
    cache.set("a", "1");
    cache.set("b", "2", 500);
    clock.time += 99;
    expect(cache.get("a")).toBe("1");
    clock.time += 1;
    expect(cache.get("a")).toBeUndefined();
    expect(cache.size).toBe(1);
    expect(cache.get("b")).toBe("2");
  });

  test("never holds more than its limit: what was set longest ago goes", () => {
    const { cache } = cacheOf();
    for (const key of ["a", "b", "c"]) cache.set(key, key);
    cache.set("a", "again");
    cache.set("d", "d");
    expect(["a", "b", "c", "d"].map((key) => cache.get(key))).toEqual(["again", undefined, "c", "d"]);
    for (let at = 0; at < 1_000; at += 1) cache.set(`many-${at}`, "x");
    expect(cache.size).toBe(3);
  });

  test("forgets what is deleted", () => {
    const { cache } = cacheOf();
    cache.set("a", "1");
    cache.delete("a");
    expect(cache.get("a")).toBeUndefined();
  });
});

test.each([
  ["below its limit", 10, 20],
  ["at its limit", 20, 10],
])("%s, a cache holds nothing of what was replaced or made room", async (_, keys, limit) => {
  const cache = new TtlCache<object>({ limit, ttl: 60_000, now: () => 0 });
  const given: WeakRef<object>[] = [];
  for (let at = 0; at < 20_000; at += 1) {
    const value = { at };
    given.push(new WeakRef(value));
    cache.set(`key-${at % keys}`, value);
  }
  // What a WeakRef was made for in this turn is kept until its end.
  await nextTurn();
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  // Else every context that is made in this process from now on has a global `gc`.
  setFlagsFromString("--no-expose-gc");
  const held = given.filter((one) => one.deref() !== undefined).length;
  expect(held).toBeGreaterThanOrEqual(cache.size);
  expect(held).toBeLessThan(1_000);
});
