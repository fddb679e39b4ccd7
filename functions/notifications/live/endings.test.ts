import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { HeldSockets } from "../../../lib/live/sockets.ts";
import { liveEndings, TOKEN_EXPIRED } from "./endings.ts";

let held: HeldSockets;
let closed: unknown[][];
beforeEach(() => {
  jest.useFakeTimers();
  held = new HeldSockets();
  closed = [];
});
afterEach(() => {
  jest.useRealTimers();
});

const open = (id: string) =>
  held.add(id, { send: () => true, close: (...how) => void closed.push([id, ...how]) });

test("A connection is closed when its time is over, not before", () => {
  open("one");
  liveEndings(held).set("one", 5_000, TOKEN_EXPIRED);
  jest.advanceTimersByTime(4_999);
  expect(closed).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(closed).toEqual([["one", 4401, "token expired"]]);
  expect(jest.getTimerCount()).toBe(0);
});

test("A connection that is not open yet by then is closed once it is", () => {
  liveEndings(held).set("one", -1, TOKEN_EXPIRED);
  jest.advanceTimersByTime(500);
  open("one");
  jest.advanceTimersByTime(1_000);
  expect(closed).toHaveLength(1);
});

test("What has ended leaves no timer", () => {
  const endings = liveEndings(held);
  endings.set("one", 5_000, TOKEN_EXPIRED);
  endings.clear("one");
  expect(jest.getTimerCount()).toBe(0);
});
