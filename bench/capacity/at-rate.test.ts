import { expect, test } from "@jest/globals";
import { needsAt, QUOTAS } from "./at-rate.ts";

const CAPACITY = {
  operations: [],
  puts: 2,
  write: 30,
  read: 1,
  unitsByTable: { orders: 24, payments: 6 },
  unitsDue: 6,
  requests: 3,
  invocations: 10,
  dollars: {},
  ceilings: [],
};

const needed = (perSecond: number) =>
  Object.fromEntries(
    needsAt(perSecond, CAPACITY).map(({ what, needed: much, quota }) => [what, [much, quota]]),
  );

test("needs grow with the rate, each beside its quota", () => {
  expect(needed(1_000)).toEqual({
    "orders: write units per second, with indexes": [24_000, QUOTAS.tableUnits],
    "payments: write units per second, with indexes": [6_000, QUOTAS.tableUnits],
    "requests per second to the HTTP API": [3_000, QUOTAS.requests],
    "functions at the same time, a run as 30 ms": [300, QUOTAS.executions],
    "`OUTBOX_SHARDS`, at least": [8, undefined],
  });
});

test("a shard that is begun is a whole one", () => {
  expect(needed(1)["`OUTBOX_SHARDS`, at least"]).toEqual([1, undefined]);
  expect(needed(126)["`OUTBOX_SHARDS`, at least"]).toEqual([2, undefined]);
});
