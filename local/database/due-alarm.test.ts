import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { DueAlarm, REPORTED_AGAIN_MS } from "./due-alarm.ts";
import { dueEntryOf, firstDue } from "./due-index.ts";
import { indexKey } from "./fast/keys.ts";
import { entryKey, indexPrefix } from "./keyspace.ts";
import { type Level, openMemory, type Write } from "./level.ts";

const NOW = Date.parse("2030-01-01T00:00:00.000Z");

let level: Level;
let reads: number;

beforeEach(async () => {
  jest.useFakeTimers({ now: NOW, doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
  level = await openMemory();
  reads = 0;
});
afterEach(async () => {
  await level.close();
  jest.useRealTimers();
});

/** The key in LevelDB of an entry that is due `seconds` from the start. */
const keyOf = (table: string, id: string, seconds: number, shard = "0", index = "by_due"): string => {
  const at = `${new Date(NOW + seconds * 1_000).toISOString()}#${id}`;
  return indexPrefix("global", table, index) + entryKey(indexKey(shard, at, "abcdef"), "abcdef/0a/");
};
const put = (key: string): Write => ({ type: "put", key, value: "{}" });

/** An alarm over `level`, which counts its reads; what it has reported, each time with its second. */
function alarmOf() {
  const reported: string[] = [];
  const alarm = new DueAlarm({
    level: {
      iterator: (range) => {
        reads += 1;
        return level.iterator(range);
      },
    },
    onDue: (tables) => reported.push(`${(Date.now() - NOW) / 1_000} ${[...tables].sort().join(" ")}`),
  });
  const store = async (...writes: Write[]) => {
    await level.batch(writes);
    alarm.written(writes);
  };
  return { alarm, reported, store };
}

/** Time passes in steps of 100 ms; the store, which needs turns of the event loop, gets some in each. */
async function pass(seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 10; step += 1) {
    jest.advanceTimersByTime(100);
    for (let turn = 0; turn < 60; turn += 1) await new Promise(setImmediate);
  }
}

describe("what is due first in a table", () => {
  test("is found over all hash keys, and for this table alone", async () => {
    expect(await firstDue(level, "orders")).toBeUndefined();
    await level.batch([
      put(keyOf("orders", "a", 50, "0")),
      put(keyOf("orders", "b", 30, "parked#3")),
      put(keyOf("orders", "c", 40, "2")),
      put(keyOf("orders", "d", 60, "2")),
      put(keyOf("orders", "e", 1, "0", "by_due_date")),
      put(keyOf("orders2", "f", 2)),
      put(keyOf("a-orders", "g", 3)),
    ]);
    expect(await firstDue(level, "orders")).toBe(NOW + 30_000);
  });

  test("an index of the same name over something else than times is none", async () => {
    const key =
      indexPrefix("global", "others", "by_due") + entryKey(indexKey("0", "high", "abcdef"), "abcdef/0a/");
    expect(dueEntryOf(put(key))).toBeUndefined();
    await level.batch([put(key)]);
    expect(await firstDue(level, "others")).toBeUndefined();
  });

  test("an entry is recognised by the write that adds it", () => {
    expect(dueEntryOf(put(keyOf("orders", "a", 5)))).toEqual({ table: "orders", dueAt: NOW + 5_000 });
    expect(dueEntryOf(put(keyOf("orders", "a", 5, "0", "by_user")))).toBeUndefined();
    expect(dueEntryOf({ type: "del", key: keyOf("orders", "a", 5) })).toBeUndefined();
    expect(dueEntryOf(put("item-orders~abcdef/0a/"))).toBeUndefined();
    expect(dueEntryOf(put("table~orders"))).toBeUndefined();
  });
});

describe("the alarm", () => {
  test("reports a table when its first entry is due, and again until it is done", async () => {
    const { alarm, reported, store } = alarmOf();
    const [first, second] = [keyOf("orders", "a", 5), keyOf("orders", "b", 7, "1")];
    await store(put(second));
    await store(put(first));
    await pass(4.9);
    expect(reported).toEqual([]);
    await pass(0.1);
    expect(reported).toEqual(["5 orders"]);
    await pass(REPORTED_AGAIN_MS / 1_000);
    expect(reported).toEqual(["5 orders", "7 orders"]);
    await store({ type: "del", key: first }, { type: "del", key: second });
    await pass(10);
    expect(reported).toEqual(["5 orders", "7 orders"]);
    alarm.close();
  });

  test("what is done before it is due is not reported", async () => {
    const { alarm, reported, store } = alarmOf();
    const key = keyOf("orders", "a", 1);
    await store(put(key));
    await store({ type: "del", key });
    await pass(10);
    expect(reported).toEqual([]);
    alarm.close();
  });

  test("what was due before the start is reported at once", async () => {
    await level.batch([put(keyOf("orders", "a", -3_600)), put(keyOf("payments", "b", 3))]);
    const { alarm, reported } = alarmOf();
    alarm.watch(["orders", "payments", "unmatched"]);
    await pass(0.1);
    expect(reported).toEqual(["0.1 orders"]);
    await pass(3);
    expect(reported).toContain("3 payments");
    alarm.close();
  });

  test("something due sooner, written while the alarm waits, is reported in time", async () => {
    const { alarm, reported, store } = alarmOf();
    await store(put(keyOf("orders", "later", 1_800)));
    await pass(1);
    await store(put(keyOf("orders", "sooner", 2, "3")));
    await pass(1);
    expect(reported).toEqual(["2 orders"]);
    alarm.close();
  });

  test("a clock that is set forward is noticed within half a minute", async () => {
    const { alarm, reported, store } = alarmOf();
    await store(put(keyOf("orders", "a", 3_600)));
    await pass(1);
    jest.setSystemTime(NOW + 3_601_000);
    await pass(30);
    expect(reported.length).toBeGreaterThan(0);
    alarm.close();
  });

  test("a clock that is set back does not keep it from reporting again", async () => {
    const { alarm, reported, store } = alarmOf();
    await store(put(keyOf("orders", "a", -7_200)));
    await pass(0.1);
    expect(reported).toHaveLength(1);
    jest.setSystemTime(NOW - 3_600_000);
    await pass(2 * (REPORTED_AGAIN_MS / 1_000));
    expect(reported.length).toBeGreaterThanOrEqual(2);
    alarm.close();
  });

  test("an index that can't be read is read again until it can", async () => {
    const due: (readonly string[])[] = [];
    let broken = true;
    const alarm = new DueAlarm({
      level: {
        iterator: (range) => {
          if (broken) throw new Error("Database is not open");
          return level.iterator(range);
        },
      },
      onDue: (tables) => due.push(tables),
    });
    await level.batch([put(keyOf("orders", "a", 1))]);
    alarm.written([put(keyOf("orders", "a", 1))]);
    await pass(5);
    expect(due).toEqual([]);
    broken = false;
    await pass(1.1);
    expect(due).toEqual([["orders"]]);
    alarm.close();
  });

  test("an idle minute reads nothing, however much is due later", async () => {
    const { alarm, store } = alarmOf();
    for (let n = 0; n < 20; n += 1) await store(put(keyOf("orders", String(n), 600 + n, String(n % 4))));
    alarm.watch(["orders", "payments"]);
    await pass(0.2);
    reads = 0;
    await pass(60);
    expect(reads).toBe(0);
    alarm.close();
  });
});
