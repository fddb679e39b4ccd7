import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { LateRecords } from "./late-records.ts";
import { HINT_GRACE_MS } from "./outbox.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const PERIOD_MS = HINT_GRACE_MS / 4;
const step = (state: string): string => state;

/** Records that go to a store of ids; those that `failing` names fail. */
function world({ full = false, failing = new Set<string>() } = {}) {
  const recorded: string[] = [];
  const errors: unknown[] = [];
  const store = {
    defer: () => !full,
    async record(id: string) {
      if (failing.has(id)) throw new Error(`${id} failed`);
      recorded.push(id);
    },
  };
  return { late: new LateRecords<string>(store, (error) => errors.push(error)), recorded, errors };
}

test("a record waits for one to two periods", async () => {
  const { late, recorded } = world();
  late.defer("early", step);
  await jest.advanceTimersByTimeAsync(PERIOD_MS - 1);
  late.defer("late", step);
  await jest.advanceTimersByTimeAsync(PERIOD_MS);
  expect(recorded).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(recorded).toEqual(["early", "late"]);
});

test("further records of an aggregate do not make it wait longer", async () => {
  const { late, recorded } = world();
  for (let at = 0; at < 5; at += 1) {
    late.defer("a", step);
    await jest.advanceTimersByTimeAsync(PERIOD_MS / 2);
  }
  expect(recorded).toEqual(["a"]);
});

test("without records no timer runs", async () => {
  const { late } = world();
  late.defer("a", step);
  await jest.advanceTimersByTimeAsync(10 * PERIOD_MS);
  expect(jest.getTimerCount()).toBe(0);
});

test("a failure is reported, and keeps no other record waiting", async () => {
  const { late, recorded, errors } = world({ failing: new Set(["b"]) });
  for (const id of ["a", "b", "c"]) late.defer(id, step);
  await jest.advanceTimersByTimeAsync(2 * PERIOD_MS);
  expect(recorded).toEqual(["a", "c"]);
  expect(errors).toEqual([new Error("b failed")]);
  late.defer("d", step);
  await jest.advanceTimersByTimeAsync(2 * PERIOD_MS);
  expect(recorded).toEqual(["a", "c", "d"]);
});

test("what the store does not take is not deferred", async () => {
  const { late } = world({ full: true });
  expect(late.defer("a", step)).toBe(false);
  expect(jest.getTimerCount()).toBe(0);
});
