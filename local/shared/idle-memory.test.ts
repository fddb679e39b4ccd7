import { setImmediate as turn } from "node:timers/promises";
import { runInNewContext } from "node:vm";
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

/** Looks so often at an idle process of `resident` bytes; says at which look memory was collected, if at any. */
function rest(look: ReturnType<typeof looks>, times: number, resident: number): number | undefined {
  const seen = Array.from({ length: times }, () => look(IDLE, resident));
  return seen.includes(true) ? seen.indexOf(true) + 1 : undefined;
}

test("memory of a burst is collected once the process has been idle for six looks, not during the burst or a pause", () => {
  const look = looks();
  expect(look(BUSY, 100)).toBe(false);
  expect(look(BUSY, 300)).toBe(false);
  expect(rest(look, 5, 300)).toBeUndefined();
  expect(look(BUSY, 300)).toBe(false);
  expect(rest(look, 6, 300)).toBe(6);
});

test("nothing is collected of a process that has not grown by a tenth", () => {
  const look = looks();
  expect(rest(look, 10, 100)).toBeUndefined();
  expect(rest(look, 10, 109)).toBeUndefined();
  expect(rest(look, 10, 111)).toBe(1);
});

test("what a collection leaves is needed: it is not collected again until it has grown again", () => {
  const look = looks();
  look(BUSY, 100);
  expect(rest(look, 6, 300)).toBe(6);
  // Freed pages go a little later.
  const after = [290, 200, ...Array<number>(10).fill(150)].map((resident) => look(IDLE, resident));
  expect(after).not.toContain(true);
  look(BUSY, 200);
  expect(rest(look, 6, 200)).toBe(6);
});

test("a process that has become smaller by itself is compared with its smaller size", () => {
  const look = looks();
  look(IDLE, 200);
  look(IDLE, 100);
  expect(rest(look, 10, 120)).toBe(5);
});

test("an object that nothing refers to is freed, and no module sees a collector", async () => {
  // Another test of this process may have shown a collector to this module before.
  const { gc } = globalThis;
  const gone = new WeakRef({ some: "object" });
  await turn();
  collectGarbage();
  expect(gone.deref()).toBeUndefined();
  expect(globalThis.gc).toBe(gc);
  expect(runInNewContext("typeof gc")).toBe("undefined");
});

test("it looks until it is ended", () => {
  jest.useFakeTimers();
  try {
    const resident = [100, 300, 300];
    const collect = jest.fn();
    const usage = jest.fn(() => ({ cpuMs: 0, resident: resident.shift() ?? 300 }));
    const end = releaseMemoryWhenIdle({ usage, collect });
    jest.advanceTimersByTime(30_000);
    expect(collect).not.toHaveBeenCalled();
    jest.advanceTimersByTime(5_000);
    expect(collect).toHaveBeenCalledTimes(1);
    end();
    jest.advanceTimersByTime(60_000);
    expect(usage).toHaveBeenCalledTimes(7);
  } finally {
    jest.useRealTimers();
  }
});
