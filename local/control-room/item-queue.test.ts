import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { type ItemQueue, itemQueue, type Stored } from "./item-queue.ts";
import { type OtherOrders, otherOrdersIn } from "./other-orders.ts";

let sent: (Pick<Stored, "size" | "lost"> & {
  readonly texts: readonly unknown[];
  readonly others: OtherOrders;
})[];
let queue: ItemQueue;

beforeEach(() => {
  jest.useFakeTimers();
  sent = [];
  queue = itemQueue(({ changes, others, size, lost }) =>
    sent.push({ texts: changes.map(({ text }) => text), others: otherOrdersIn(others), size, lost }),
  );
  queue.begin();
});
afterEach(() => {
  queue.close();
  jest.useRealTimers();
});

const change = (value: string, id = "0197b5a0-0000-7000-8000-000000000001") => ({
  value,
  of: { table: "t-orders", item: { id: { S: id }, version: { N: "1" } } },
});
const NONE: OtherOrders = { changed: [], begun: [], notices: [] };
const add = (text: string) => queue.add([change(text)]);

test("what is stored within a moment is sent together, in its order", () => {
  add("one");
  add("two");
  expect(sent).toEqual([]);
  jest.advanceTimersByTime(1_000);
  expect(sent).toEqual([{ texts: ["one", "two"], others: NONE, size: 6, lost: false }]);
});

test("beyond what has room items are left out, which is said, until some was taken", () => {
  const large = "x".repeat(5 * 1024 * 1024);
  add(large);
  jest.advanceTimersByTime(1_000);
  add(large);
  jest.advanceTimersByTime(1_000);
  expect(sent.map(({ size, lost }) => [size, lost])).toEqual([
    [large.length, false],
    [0, true],
  ]);
  queue.took(large.length);
  add(large);
  jest.advanceTimersByTime(1_000);
  expect(sent[2]).toMatchObject({ size: large.length, lost: false });
});

test("what is stored before the thread is there waits for it, and nothing of it is lost", () => {
  const sent: Stored[] = [];
  const early = itemQueue((stored) => sent.push(stored));
  early.add([change("one")]);
  jest.advanceTimersByTime(10_000);
  expect(sent).toEqual([]);
  early.begin();
  jest.advanceTimersByTime(1_000);
  expect(sent).toMatchObject([{ changes: [{ text: "one" }], lost: false }]);
  early.close();
});

test("another thread has seen nothing of what was sent before, and what is not certain is said to be unseen", () => {
  queue.pause();
  add("one");
  jest.advanceTimersByTime(1_000);
  expect(sent).toEqual([]);
  queue.begin();
  jest.advanceTimersByTime(1_000);
  queue.add(undefined);
  jest.advanceTimersByTime(1_000);
  expect(sent.map(({ texts, lost }) => [texts.length, lost])).toEqual([
    [1, true],
    [0, true],
  ]);
});

test("while a page is open it is sent sooner", () => {
  const sent: Stored[] = [];
  let isWatched = true;
  const watched = itemQueue((stored) => sent.push(stored), { isWatched: () => isWatched });
  watched.begin();
  watched.add([change("one")]);
  jest.advanceTimersByTime(250);
  expect(sent).toHaveLength(1);
  isWatched = false;
  watched.add([change("two")]);
  jest.advanceTimersByTime(900);
  expect(sent).toHaveLength(1);
  jest.advanceTimersByTime(100);
  expect(sent).toHaveLength(2);
  watched.close();
});

describe("of orders beyond those that are followed", () => {
  let stored: Stored[];
  let others: ItemQueue;
  const id = (no: number) => String(no).padStart(36, "0");
  beforeEach(() => {
    stored = [];
    others = itemQueue((one) => stored.push(one));
    others.begin();
  });
  afterEach(() => others.close());

  test("only the ids are sent, each once, with those of their notifications", () => {
    for (let no = 0; no < 1_000; no += 1) others.add([change("{}", id(no % 500))]);
    const doc = { S: JSON.stringify({ id: "n", related_id: id(499) }) };
    const notice = { id: { S: "n" }, version: { N: "1" }, doc };
    others.add([
      { value: "{}", of: { table: "t-notifications", item: notice } },
      { value: "an index entry" },
    ]);
    jest.advanceTimersByTime(1_000);
    const [one] = stored;
    const { changed, begun, notices } = otherOrdersIn(one?.others ?? new Uint8Array());
    expect(changed.length).toBeGreaterThan(300);
    expect(new Set(changed).size).toBe(changed.length);
    expect(begun).toEqual(changed);
    expect(notices).toEqual([id(499), "n"]);
    expect(one?.changes.length).toBeGreaterThan(0);
    expect((one?.changes.length ?? 0) + (one?.unfollowed ?? 0)).toBe(1_000);
  });

  test("no more ids wait than have room, which is said", () => {
    others.pause();
    for (let no = 0; no < 300_000; no += 1) others.add([change("", id(no))]);
    others.begin();
    jest.advanceTimersByTime(1_000);
    expect(stored[0]?.lost).toBe(true);
    expect(stored[0]?.size).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(stored[0]?.others.length).toBeGreaterThan(7 * 1024 * 1024);
  });
});
