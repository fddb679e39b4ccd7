import { expect, test } from "@jest/globals";
import type { TraceSummary } from "../telemetry-contract.ts";
import { MOST_TRACES, matchesTrace, withTraces } from "./trace-list.ts";

const trace = (id: number, more: Partial<TraceSummary> = {}): TraceSummary => ({
  trace_id: String(id),
  started_at: id,
  duration_ms: 10,
  root_service: "gateway",
  root_name: "POST",
  services: ["gateway", "OrderService"],
  spans: 1,
  errors: 0,
  ...more,
});

test("a trace that arrives again replaces its older state, and the newest come first", () => {
  const held = [trace(3), trace(1)];
  const list = withTraces(held, [trace(2), trace(1, { spans: 5 })]);
  expect(list.map(({ trace_id, spans }) => [trace_id, spans])).toEqual([
    ["3", 1],
    ["2", 1],
    ["1", 5],
  ]);
  expect(withTraces(held, [])).toBe(held);
});

test("the list is bounded: the oldest are left out", () => {
  const full = Array.from({ length: MOST_TRACES }, (_, no) => trace(MOST_TRACES - no));
  const list = withTraces(full, [trace(MOST_TRACES + 1)]);
  expect([list.length, list[0]?.started_at, list.at(-1)?.started_at]).toEqual([
    MOST_TRACES,
    MOST_TRACES + 1,
    2,
  ]);
});

test.each([
  [{}, true],
  [{ service: "OrderService", min_ms: "10", max_ms: "10", since: "5" }, true],
  [{ service: "PaymentService" }, false],
  [{ error: "true" }, false],
  [{ min_ms: "11" }, false],
  [{ max_ms: "9" }, false],
  [{ since: "6" }, false],
  [{ name: "POST" }, undefined],
  [{ attribute: "user.id=demo" }, undefined],
  [{ attribute: "user.id=demo", error: "true" }, false],
])("of %j it is said: %p", (asked, said) => {
  expect(matchesTrace(trace(5), asked)).toBe(said);
});
