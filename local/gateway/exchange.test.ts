// A reply on its way to the client.

import { once } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { passOn } from "./exchange.ts";

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
});
afterEach(() => {
  jest.useRealTimers();
});

test("whose turn on its connection never comes leaves no timer behind", async () => {
  // It has no socket until the replies before it are sent.
  const waiting = new ServerResponse(new IncomingMessage(new Socket()));
  const body = Readable.from(["all of it"]);
  void passOn({ status: 200, headers: {}, rawHeaders: [], body }, [], waiting);
  expect(jest.getTimerCount()).toBe(1);
  await once(body, "close");
  expect(jest.getTimerCount()).toBe(0);
});
