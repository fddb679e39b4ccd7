// The load of the benchmark, in small: each connection gets each frame once and in order, and strangers' get none.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type System, startSystem } from "../../tests/support/system.ts";
import { Clients } from "./clients.ts";
import { optionsOf } from "./options.ts";

const CONNECTIONS = 6;
const USERS = 3;
const COUNT = 9;

let system: System;
let clients: Clients;
beforeAll(async () => {
  system = await startSystem();
  clients = new Clients({
    liveUrl: system.gatewayUrl,
    urls: system.urls,
    watched: [system.pid],
  });
  await clients.connect(CONNECTIONS, USERS);
});
afterAll(async () => {
  await clients?.connect(0, 1);
  await system?.cleanUp();
});

test.each(["notification", "order"] as const)("every connection of a user gets each %s", async (what) => {
  const notified = await clients.notify({
    type: "notify",
    what,
    to: "connected",
    count: COUNT,
    perSecond: 100,
  });
  expect(notified).toMatchObject({ frames: (COUNT * CONNECTIONS) / USERS, missing: 0, disorder: 0 });
  expect(notified.sinceSent.p50).toBeGreaterThan(0);
});

test("what strangers are notified of comes to no connection", async () => {
  const notified = await clients.notify({
    type: "notify",
    what: "notification",
    to: "strangers",
    count: COUNT,
    perSecond: 100,
  });
  expect(notified).toMatchObject({ frames: 0, missing: 0, disorder: 0 });
});

test("a user has no more connections than the service allows", () => {
  expect(() => optionsOf(["--connections", "42", "--users", "2"])).toThrow("20 at most");
  expect(optionsOf(["--connections", "40", "--users", "2"]).users).toBe(2);
});
