import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { type ItemQueue, itemQueue, type Stored } from "./item-queue.ts";

let sent: (Pick<Stored, "others" | "size" | "lost"> & { readonly texts: readonly unknown[] })[];
let queue: ItemQueue;

beforeEach(() => {
  jest.useFakeTimers();
  sent = [];
  queue = itemQueue(({ changes, others, size, lost }) =>
    sent.push({ texts: changes.map(({ text }) => text), others, size, lost }),
  );
  queue.begin();
});
afterEach(() => {
  queue.close();
  jest.useRealTimers();
});

const ID = '"id":{"S":"0197b5a0-0000-7000-8000-000000000001"}';
const add = (text: string) => queue.add([{ table: "t-orders", text: `${ID}${text}` }]);
const SIZE = ID.length;

test("what is stored within a moment is sent together, in its order", () => {
  add("one");
  add("two");
  expect(sent).toEqual([]);
  jest.advanceTimersByTime(500);
  expect(sent).toEqual([{ texts: [`${ID}one`, `${ID}two`], others: [], size: 2 * SIZE + 6, lost: false }]);
});

test("beyond what has room items are left out, which is said, until some was taken", () => {
  const large = "x".repeat(5 * 1024 * 1024);
  add(large);
  jest.advanceTimersByTime(500);
  add(large);
  jest.advanceTimersByTime(500);
  expect(sent.map(({ size, lost }) => [size, lost])).toEqual([
    [SIZE + large.length, false],
    [0, true],
  ]);
  queue.took(SIZE + large.length);
  add(large);
  jest.advanceTimersByTime(500);
  expect(sent[2]).toMatchObject({ size: SIZE + large.length, lost: false });
});

test("what is stored before the thread is there waits for it, and nothing of it is lost", () => {
  const sent: Stored[] = [];
  const early = itemQueue((stored) => sent.push(stored));
  early.add([{ table: "t-orders", text: ID }]);
  jest.advanceTimersByTime(10_000);
  expect(sent).toEqual([]);
  early.begin();
  jest.advanceTimersByTime(500);
  expect(sent).toMatchObject([{ changes: [{ text: ID }], lost: false }]);
  early.close();
});

test("another thread has seen nothing of what was sent before, and what is not certain is said to be unseen", () => {
  queue.pause();
  add("one");
  jest.advanceTimersByTime(500);
  expect(sent).toEqual([]);
  queue.begin();
  jest.advanceTimersByTime(500);
  queue.add(undefined);
  jest.advanceTimersByTime(500);
  expect(sent.map(({ texts, lost }) => [texts.length, lost])).toEqual([
    [1, true],
    [0, true],
  ]);
});

test("of orders beyond those that are followed only the ids are sent, each once", () => {
  for (let no = 0; no < 1_000; no += 1)
    queue.add([{ table: "t-orders", text: `"id":{"S":"${String(no % 500).padStart(36, "0")}"}` }]);
  jest.advanceTimersByTime(500);
  const [{ texts = [], others = [] } = {}] = sent;
  expect(others.length).toBeGreaterThan(300);
  expect(new Set(others).size).toBe(others.length);
  expect(texts.length).toBeGreaterThan(0);
});
