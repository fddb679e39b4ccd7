import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { serveLeases } from "./lease-server.ts";
import { line } from "./protocol.ts";

const realTimeout = setTimeout;

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
  await turn();
  expect(unused).toHaveBeenCalledTimes(1);
  leases.close();
});

test("who has connected while the helper had no turn is seen before it ends", async () => {
  const unused = jest.fn();
  const released = Promise.withResolvers<void>();
  const leases = await serveLeases({
    secret: "a secret",
    graceMs: 3_000,
    answer: async () => ({ pid: 1, services: {}, settings: {} }),
    awaited: () => false,
    onEnded: () => released.resolve(),
    onUnused: unused,
  });
  const ask = (): Socket => {
    const socket = connect(leases.port, "127.0.0.1");
    socket.write(line({ secret: "a secret", wanted: {}, settings: {} }));
    return socket;
  };
  const first = ask();
  await once(first, "data");
  first.destroy();
  await released.promise;
  // Between the two, nothing that has arrived is looked at.
  const next = await new Promise<Socket>((resolve) => {
    let socket: Socket;
    realTimeout(() => {
      socket = ask();
    }, 1);
    realTimeout(() => {
      jest.advanceTimersByTime(3_000);
      resolve(socket);
    }, 1);
  });
  await once(next, "data");
  expect(unused).not.toHaveBeenCalled();
  next.destroy();
  leases.close();
});

test("a runtime that has lost its connection, and holds another lease, has not ended", async () => {
  jest.useRealTimers();
  const ended: unknown[] = [];
  const leases = await serveLeases({
    secret: "a secret",
    graceMs: 60_000,
    answer: async () => ({ pid: 1, services: {}, settings: {} }),
    awaited: () => true,
    onEnded: ({ instance }) => ended.push(instance),
    onUnused: () => {},
  });
  const lease = async (instance: string) => {
    const socket = connect(leases.port, "127.0.0.1");
    socket.write(line({ secret: "a secret", wanted: {}, settings: {}, instance }));
    await once(socket, "data");
    return socket;
  };
  const [first, second, other] = [await lease("one"), await lease("one"), await lease("other")];
  first.destroy();
  other.destroy();
  await until("the other has ended", () => ended.length > 0);
  expect(ended).toEqual(["other"]);
  second.destroy();
  await until("both have ended", () => ended.length > 1);
  expect(ended).toEqual(["other", "one"]);
  leases.close();
});
