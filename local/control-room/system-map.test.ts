import { expect, test } from "@jest/globals";
import { DOWN, type ListenerHealth, SLOW } from "./health.ts";
import type { Edge, InstanceState } from "./map-contract.ts";
import { notWell, statusText } from "./map-text.ts";
import type { Report } from "./report.ts";
import { systemMap } from "./system-map.ts";
import { testReport } from "./test-reports.ts";
import { noTraffic } from "./traffic.ts";

const URL = "http://127.0.0.1:8001";
const well: ListenerHealth = { status: "ok", checks: { database: "ok" }, outbox: null };

const report = (instance: string, more: Partial<Report> = {}): Report =>
  testReport(instance, {
    services: [{ name: "OrderService", url: URL, in_flight: 0, connections: 1 }],
    peers: [{ service: "OrderService", url: URL, balancer: "available" }],
    ...more,
  });
const runtime = (instance: string, state: InstanceState = "ok", more: Partial<Report> = {}) => ({
  report: report(instance, more),
  state,
  slowed: false,
});
const mapOf = (
  runtimes: readonly ReturnType<typeof runtime>[],
  health: readonly [string, ListenerHealth][] = [[URL, well]],
  edges: readonly Edge[] = [],
  isStarting = false,
) =>
  systemMap({ at: 10, runtimes, isStarting, health: new Map(health), served: [], edges, lastMinute: edges });
const history = {
  kept: "memory" as const,
  reason: null,
  bytes: 1,
  budget_bytes: 200_000_000,
  budget_ms: 1,
  oldest_at: null,
  spans: 0,
  logs: 0,
  not_recorded: { traces: 0, lines: 0, writes: 0 },
  dropped: { write_failed: 3 },
};
const stateOf = (map: ReturnType<typeof mapOf>) => map.nodes[0]?.state;

test.each<[string, readonly InstanceState[], string]>([
  ["ok while its instances are", ["ok", "ok"], "ok"],
  ["degraded when one of them has ended", ["ok", "down"], "degraded"],
  ["down when all have", ["down", "down"], "down"],
  ["starting, and not broken, when the first one starts", ["starting"], "starting"],
  ["starting again after the one before has ended", ["down", "starting"], "starting"],
  ["paused when its only instance is", ["paused"], "paused"],
  ["slow, and not broken, when its only instance is", ["slow"], "slow"],
  ["ok while one of two is slow", ["ok", "slow"], "ok"],
])("a service is %s", (_, states, expected) => {
  const map = mapOf(states.map((state, index) => runtime(String(index), state)));
  expect(stateOf(map)).toBe(expected);
  expect(notWell({ map }).length > 0).toBe(["down", "paused"].includes(expected));
});

test("a runtime of which nothing is known yet starts, and nothing is broken", () => {
  const text = (map: ReturnType<typeof mapOf>) => statusText({ map, history });
  const starting = mapOf([], [], [], true);
  expect([starting.starting, notWell({ map: starting })]).toEqual([true, []]);
  expect(text(starting)).toMatch(/\n\nA runtime starts\.$/);
  expect([mapOf([]).starting, notWell({ map: mapOf([]) })]).toEqual([false, ["no runtime has reported"]]);
  // Beside others, as one that has reported that it does.
  expect(text(mapOf([runtime("1"), runtime("2", "starting")]))).toMatch(/A runtime starts\.$/);
});

test("a listener that nobody has is down although its process reports, one that does not answer is slow", () => {
  expect(stateOf(mapOf([runtime("1")], [[URL, DOWN]]))).toBe("down");
  expect(stateOf(mapOf([runtime("1")], [[URL, SLOW]]))).toBe("slow");
  expect(notWell({ map: mapOf([runtime("1")], [[URL, SLOW]]) })).toEqual([]);
});

test("an instance has the worst state that any caller's balancer gives it", () => {
  const other = {
    services: [],
    peers: [{ service: "OrderService", url: URL, balancer: "ejected" as const }],
  };
  expect(mapOf([runtime("1"), runtime("2", "ok", other)]).nodes[0]?.instances[0]?.balancer).toBe("ejected");
  // One that has ended has no opinion.
  expect(mapOf([runtime("1"), runtime("2", "down", other)]).nodes[0]?.instances[0]?.balancer).toBe(
    "available",
  );
});

test("backends are as running runtimes see them", () => {
  const registry = { kind: "nacos", address: "10.0.0.1:8848", ok: false };
  expect(mapOf([runtime("1", "ok", { registry })]).registry).toEqual({
    kind: "nacos",
    address: "10.0.0.1:8848",
    state: "down",
  });
  expect(mapOf([runtime("1", "down", { registry })]).registry.state).toBe("unknown");
  // On a busy machine its first attempt may come too late for itself.
  expect(mapOf([runtime("1", "starting", { registry })]).registry.state).toBe("unknown");
  const late = { ...well, checks: { database: "down" } };
  expect(mapOf([runtime("1")], [[URL, late]]).database.state).toBe("down");
  expect(mapOf([]).database).toEqual({ kind: "none", address: null, state: "unknown" });
});

test("a service that only spans mention is on the map, and broken is nothing of it", () => {
  const edge = (from: string, to: string, kind: string): Edge => ({
    from,
    to,
    kind,
    traffic: { ...noTraffic, errors: 2 },
  });
  const map = mapOf(
    [runtime("1")],
    [[URL, well]],
    [edge("client", "django", "http"), edge("django", "database", "database")],
  );
  expect(map.nodes.map(({ name, origin, state }) => [name, origin, state])).toEqual([
    ["OrderService", "own", "ok"],
    ["django", "other", "unknown"],
  ]);
  expect([map.failed_last_minute, notWell({ map })]).toEqual([2, []]);
});

test("the text has the services, the calls and what is wrong", () => {
  const map = mapOf(
    [runtime("1", "down")],
    [],
    [{ from: "client", to: "OrderService", kind: "http", traffic: noTraffic }],
  );
  const text = statusText({ map, history });
  for (const part of [
    "OrderService  ",
    "client → OrderService",
    "1 of 200 MB, in memory",
    "dropped: 3 write_failed",
  ])
    expect(text).toContain(part);
  expect(text).toMatch(/Not well: OrderService is down\.$/);
});
