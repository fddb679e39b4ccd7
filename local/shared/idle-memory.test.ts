import { setImmediate as turn } from "node:timers/promises";
import { expect, jest, test } from "@jest/globals";
import { collectGarbage, createGrowth, releaseMemoryWhenIdle } from "./idle-memory.ts";

/** Looks every second at a process that uses `busy` (a share of a processor) and has `resident` bytes. */
function looks(): (busy: number, resident: number) => boolean {
  const grown = createGrowth(1_000);
  let cpuMs = 0;
  return (busy, resident) => {
    cpuMs += busy * 1_000;
    return grown({ cpuMs, resident });
  };
}

const IDLE = 0.01;
const BUSY = 0.5;

test("memory of a burst is collected once the process is idle, not during the burst", () => {
  const look = looks();
  expect(look(BUSY, 100)).toBe(false);
  expect(look(BUSY, 300)).toBe(false);
  expect(look(BUSY, 300)).toBe(false);
  expect(look(IDLE, 300)).toBe(true);
});

test("nothing is collected of a process that has not grown by a tenth", () => {
  const look = looks();
  const seen = [100, 105, 109, 100, 109].map((resident) => look(IDLE, resident));
  expect(seen).toEqual([false, false, false, false, false]);
  expect(look(IDLE, 111)).toBe(true);
});

test("what a collection leaves is needed: it is not collected again until it has grown again", () => {
  const look = looks();
  look(IDLE, 100);
  expect(look(IDLE, 300)).toBe(true);
  // Freed pages go a little later.
  const after = [290, 200, 150, 150, 150].map((resident) => look(IDLE, resident));
  expect(after).toEqual([false, false, false, false, false]);
  look(BUSY, 200);
  expect(look(IDLE, 200)).toBe(true);
});

test("a process that has become smaller by itself is compared with its smaller size", () => {
  const look = looks();
  look(IDLE, 200);
  look(IDLE, 100);
  expect(look(IDLE, 120)).toBe(true);
});

test("an object that nothing refers to is freed, and no module sees a collector", async () => {
  const gone = new WeakRef({ some: "object" });
  await turn();
  collectGarbage();
  expect(gone.deref()).toBeUndefined();
  expect(globalThis.gc).toBeUndefined();
});

test("it looks until it is ended", () => {
  jest.useFakeTimers();
  try {
    const resident = [100, 300, 300];
    const collect = jest.fn();
    const usage = jest.fn(() => ({ cpuMs: 0, resident: resident.shift() ?? 300 }));
    const end = releaseMemoryWhenIdle({ usage, collect });
    jest.advanceTimersByTime(10_000);
    expect(collect).toHaveBeenCalledTimes(1);
    end();
    jest.advanceTimersByTime(60_000);
    expect(usage).toHaveBeenCalledTimes(2);
  } finally {
    jest.useRealTimers();
  }
});
