import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { expireInTime } from "./expiry.ts";
import { ServiceTable } from "./service-table.ts";

const id = { namespace: "public", group: "DEFAULT_GROUP", name: "OrderService" };
const address = { ip: "127.0.0.1", port: 8001 };
const metadata = { "preserved.heart.beat.timeout": "3000", "preserved.ip.delete.timeout": "6000" };
const announced = {
  ...address,
  cluster: "DEFAULT",
  weight: 1,
  enabled: true,
  healthy: true,
  ephemeral: true,
  metadata,
};

let looks: number;
let changes: number[];
let table: ServiceTable;
let stop: () => void;

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
  looks = 0;
  changes = [];
  const clock = () => Math.floor(performance.now());
  table = new ServiceTable({ clock, onChange: () => changes.push(clock()) });
  const count = () => {
    looks += 1;
  };
  stop = expireInTime(table, { sweep: count }).stop;
});
afterEach(() => {
  stop();
  jest.useRealTimers();
});

const health = () => [...(table.find(id)?.instances.values() ?? [])].map(({ healthy }) => healthy);

test("an instance without heartbeats is unhealthy and gone when its limits say so, within 50 ms", () => {
  table.register(id, announced);
  changes = [];
  jest.advanceTimersByTime(3_000);
  expect([health(), changes]).toEqual([[true], []]);
  jest.advanceTimersByTime(50);
  expect(health()).toEqual([false]);
  jest.advanceTimersByTime(2_950);
  expect(health()).toEqual([false]);
  jest.advanceTimersByTime(50);
  expect(health()).toEqual([]);
  expect(changes).toHaveLength(2);
});

test("while heartbeats arrive, the registry looks once a second and not more often", () => {
  table.register(id, announced);
  looks = 0;
  for (let second = 0; second < 60; second += 1) {
    jest.advanceTimersByTime(1_000);
    table.beat(id, address);
  }
  expect(looks).toBeLessThanOrEqual(61);
  expect(health()).toEqual([true]);
});

test("instances that need no heartbeats, persistent ones or those of a connection, keep it from no rest", () => {
  table.register(id, { ...announced, ephemeral: false });
  table.register(id, { ...announced, port: 8002 }, "a connection");
  looks = 0;
  jest.advanceTimersByTime(60_000);
  expect(looks).toBeLessThanOrEqual(60);
  expect(health()).toEqual([true, true]);
});

test("heartbeats that are missing because the registry was stopped are not held against an instance", () => {
  table.register(id, announced);
  jest.advanceTimersByTime(500);
  table.beat(id, address);
  const before = performance.now;
  // The process is stopped for a minute: its clock goes on, its timers do not run.
  jest.spyOn(performance, "now").mockImplementation(() => before.call(performance) + 60_000);
  jest.advanceTimersByTime(1_000);
  expect(health()).toEqual([true]);
  jest.restoreAllMocks();
});
