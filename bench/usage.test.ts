import { describe, expect, test } from "@jest/globals";
import { type Kind, kindOf, type Usage, usageOf, usedBetween } from "./usage.ts";

const usage = (ticksMs: number, threads: Readonly<Record<string, readonly [Kind, number]>>): Usage => ({
  ticksMs,
  threads: Object.fromEntries(Object.entries(threads).map(([id, [kind, ms]]) => [id, { kind, ms }])),
});

test.each<[string, string, Kind]>([
  ["7", "MainThread", "main"],
  ["8", "WorkerThread", "workers"],
  ["9", "V8Worker", "V8"],
  ["10", "DelayedTaskSche", "V8"],
  ["11", "libuv-worker", "libuv"],
  ["12", "SignalInspector", "others"],
  // Begun by the main thread, without a name of its own.
  ["13", "MainThread", "others"],
])("the thread %s of process 7, called %s, is of the kind %s", (thread, name, kind) => {
  expect(kindOf(7, thread, name)).toBe(kind);
});

describe("what was used between two looks", () => {
  test("is what its threads used, by kind, to less than a tick", () => {
    const before = usage(100, { 1: ["main", 80.25], 2: ["V8", 20.5] });
    const after = usage(110, { 1: ["main", 84.75], 2: ["V8", 21], 3: ["V8", 2] });
    expect(usedBetween(before, after)).toEqual({
      ms: 7,
      byKind: { main: 4.5, workers: 0, V8: 2.5, libuv: 0, others: 0 },
    });
  });

  test("is not less for a thread that has ended meanwhile", () => {
    const before = usage(100, { 1: ["main", 80], 2: ["workers", 20] });
    const after = usage(400, { 1: ["main", 90] });
    expect(usedBetween(before, after)).toMatchObject({ ms: 300, byKind: { main: 10, others: 290 } });
  });

  test("is in ticks where the system does not count by threads", () => {
    const before = usage(100, { 1: ["main", 0] });
    expect(usedBetween(before, usage(250, { 1: ["main", 0] })).ms).toBe(150);
  });
});

test("this process has a main thread, which works, and a process that is gone has used nothing", () => {
  const before = usageOf(process.pid);
  while (usageOf(process.pid).ticksMs < before.ticksMs + 20);
  const { ms, byKind } = usedBetween(before, usageOf(process.pid));
  expect(ms).toBeGreaterThan(0);
  expect(ms).toBeGreaterThanOrEqual(byKind.main);
  expect(usageOf(2 ** 30)).toEqual({ ticksMs: 0, threads: {} });
});
