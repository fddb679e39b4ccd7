import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { serveLeases } from "./lease-server.ts";

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
});
afterEach(() => {
  jest.useRealTimers();
});

test("the first lease is waited for as long as the one who started the helper lives, however busy", async () => {
  const starter = { lives: true };
  const unused = jest.fn();
  const leases = await serveLeases({
    secret: "a secret",
    graceMs: 100,
    answer: async () => ({ pid: 1, services: {}, settings: {} }),
    awaited: () => starter.lives,
    onUnused: unused,
  });
  jest.advanceTimersByTime(120_000);
  expect(unused).not.toHaveBeenCalled();
  starter.lives = false;
  jest.advanceTimersByTime(5_000);
  expect(unused).toHaveBeenCalledTimes(1);
  leases.close();
});
