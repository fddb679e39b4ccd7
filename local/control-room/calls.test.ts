import { expect, test } from "@jest/globals";
import { Calls } from "./calls.ts";
import { BUCKETS } from "./durations.ts";
import { testSpan } from "./test-spans.ts";
import { TrafficTable } from "./traffic.ts";

const NOW = 1_700_000_000_000;
const span = (id: number, parent: number | null, more: object) =>
  testSpan(1, id, {
    parent_span_id: parent === null ? null : testSpan(1, parent).span_id,
    started_at: NOW,
    ...more,
  });

const edges = (calls: Calls, now = NOW) =>
  calls.edges
    .edges(now)
    .map(
      ({ from, to, kind, traffic }) =>
        `${from} → ${to} by ${kind}: ${traffic.count}, ${traffic.errors} failed`,
    )
    .sort();

const entrance = span(1, null, { service: "gateway" });
const attempt = span(2, 1, {
  service: "gateway",
  kind: "client",
  attributes: { "cfmp.peer.service": "OrderService" },
});
const order = span(3, 2, { service: "OrderService" });
const write = span(4, 3, {
  service: "OrderService",
  kind: "client",
  attributes: { "db.system.name": "dynamodb" },
});

test("calls are read off spans, each once, whichever arrives first", () => {
  const expected = [
    "OrderService → database by database: 1, 0 failed",
    "client → gateway by http: 1, 0 failed",
    "gateway → OrderService by http: 1, 0 failed",
  ];
  for (const order_of of [
    [entrance, attempt, order, write],
    [write, order, attempt, entrance],
  ]) {
    const calls = new Calls();
    for (const one of order_of) calls.add([one], NOW);
    expect(edges(calls)).toEqual(expected);
    expect(calls.served.edges(NOW).map(({ to }) => to)).toEqual(
      expect.arrayContaining(["gateway", "OrderService"]),
    );
  }
});

test("a service that names no peer is found by the parent of what it has called", () => {
  const calls = new Calls();
  const call = span(1, null, { service: "django", kind: "client" });
  calls.add([span(2, 1, { service: "OrderService", failed: true }), call], NOW);
  expect(edges(calls)).toEqual(["django → OrderService by http: 1, 1 failed"]);
});

test("a caller that sends no spans is somebody outside, after a while", () => {
  const calls = new Calls();
  calls.add([span(2, 1, { service: "OrderService" })], NOW);
  expect(edges(calls)).toEqual([]);
  calls.settle(NOW + 5_000);
  expect(edges(calls)).toEqual(["client → OrderService by http: 1, 0 failed"]);
});

test("traffic has its rate, errors and percentiles of the last seconds", () => {
  const table = new TrafficTable();
  const place = { from: "a", to: "b", kind: "http" };
  for (let index = 0; index < 100; index += 1)
    table.add(place, NOW - 5_000, index < 98 ? 10 : 1_000, index === 0, NOW);
  table.add(place, NOW - 30_000, 5, true, NOW);
  const [edge] = table.edges(NOW);
  expect(edge?.traffic).toMatchObject({ count: 100, errors: 1, per_second: 10 });
  // Durations are counted in buckets, each a quarter longer than the one before.
  expect(edge?.traffic.p50_ms).toBeGreaterThanOrEqual(10);
  expect(edge?.traffic.p50_ms).toBeLessThanOrEqual(12.5);
  expect(edge?.traffic.p99_ms).toBeGreaterThanOrEqual(1_000);
  expect(table.edges(NOW, 60_000)[0]?.traffic.errors).toBe(2);
  expect(table.edges(NOW + 61_000)).toEqual([]);
});

test("the number of places is bounded, whatever names are sent", () => {
  const table = new TrafficTable();
  for (let index = 0; index < 1_000; index += 1)
    table.add({ from: `service-${index}`, to: "b", kind: "http" }, NOW, 1, false, NOW);
  expect(table.edges(NOW).length).toBeLessThanOrEqual(300);
  const own = { from: "OrderService", to: "database", kind: "database" };
  table.addCounted({ place: own, count: 1, errors: 0, durations: new Uint32Array(BUCKETS) }, NOW);
  expect(table.edges(NOW).at(-1)).toMatchObject(own);
});

test("what has ended later than now, by a sender's clock, is counted now, and no longer than other things", () => {
  const calls = new Calls();
  calls.add([span(1, null, { started_at: NOW + 3_600_000 }), span(2, 1, { duration_ms: 1e14 })], NOW);
  expect(calls.served.edges(NOW)[0]?.traffic.count).toBe(2);
  expect(calls.served.edges(NOW + 61_000)).toEqual([]);
});

test("a clock that is set back ends no counting", () => {
  const table = new TrafficTable();
  const place = { from: "a", to: "b", kind: "http" };
  const [before, now] = [NOW + 3_600_000, NOW];
  for (let second = 0; second < 60; second += 1)
    table.add(place, before + second * 1_000, 1, false, before + second * 1_000);
  expect(table.edges(now)).toEqual([]);
  table.add(place, now, 1, false, now);
  expect(table.edges(now, 60_000)[0]?.traffic.count).toBe(1);
});

test("a reply that refuses the caller's request is no failed call, none and one that has failed are", () => {
  const calls = new Calls();
  const replied = (status: number | undefined, id: number) => ({
    ...attempt,
    span_id: testSpan(2, id).span_id,
    failed: true,
    attributes: {
      ...attempt.attributes,
      ...(status === undefined ? {} : { "http.response.status_code": status }),
    },
  });
  calls.add([404, 409, 503, undefined].map(replied), NOW);
  expect(edges(calls)).toEqual(["gateway → OrderService by http: 4, 2 failed"]);
});
