import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { type ItemQueue, itemQueue } from "./item-queue.ts";

let sent: { readonly texts: readonly unknown[]; readonly size: number; readonly lost: boolean }[];
let queue: ItemQueue;

beforeEach(() => {
  jest.useFakeTimers();
  sent = [];
  queue = itemQueue((changes, size, lost) =>
    sent.push({ texts: changes.map(({ text }) => text), size, lost }),
  );
});
afterEach(() => {
  queue.close();
  jest.useRealTimers();
});

const add = (text: string) => queue.add([{ table: "t", text }]);

test("what is stored within a moment is sent together, in its order", () => {
  add("one");
  add("two");
  expect(sent).toEqual([]);
  jest.advanceTimersByTime(500);
  expect(sent).toEqual([{ texts: ["one", "two"], size: 6, lost: false }]);
});

test("beyond what has room items are left out, which is said, until some was taken", () => {
  const large = "x".repeat(5 * 1024 * 1024);
  add(large);
  jest.advanceTimersByTime(500);
  add(large);
  jest.advanceTimersByTime(500);
  expect(sent.map(({ size, lost }) => [size, lost])).toEqual([
    [large.length, false],
    [0, true],
  ]);
  queue.took(large.length);
  add(large);
  jest.advanceTimersByTime(500);
  expect(sent[2]).toMatchObject({ size: large.length, lost: false });
});

test("another thread has seen nothing of what was sent before, and what is not certain is said to be unseen", () => {
  queue.restart();
  add("one");
  jest.advanceTimersByTime(500);
  queue.add(undefined);
  jest.advanceTimersByTime(500);
  expect(sent.map(({ texts, lost }) => [texts.length, lost])).toEqual([
    [1, true],
    [0, true],
  ]);
});
