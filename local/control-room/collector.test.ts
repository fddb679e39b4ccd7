// What the collector makes of reports: their spans, lines and counts, each once.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { RecordedSpan } from "../../lib/observability/span.ts";
import { Collector } from "./collector.ts";
import { TrafficCounts } from "./counts.ts";
import { History } from "./history.ts";
import { findLogs, traceDetail } from "./queries.ts";
import type { Report } from "./report.ts";
import { rowOf } from "./span-rows.ts";
import { testReport } from "./test-reports.ts";
import { testSpan } from "./test-spans.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN: RecordedSpan = {
  service: "OrderService",
  name: 'POST "/api/orders/"',
  kind: "server",
  traceId: TRACE,
  spanId: "b7ad6b7169203331",
  parentSpanId: undefined,
  startMs: 1_772_366_400_000.125,
  endMs: 1_772_366_400_001.5,
  attributes: { "cfmp.order.id": "o-1", "http.response.status_code": 201, left_out: undefined },
  failed: false,
};
const LINE = `{"level":"info","time":"2026-03-01T12:00:00.000Z","service":"OrderService","message":"request"}\n`;

let folder: string;
let collector: Collector;

const open = async (): Promise<Collector> =>
  new Collector({
    history: await History.open(join(folder, "history.sqlite"), { bytes: 20_000_000, ms: 86_400_000 }),
    id: "c",
    log: () => {},
    healthOf: async () => ({ status: "ok", checks: {}, outbox: null }),
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-collector-"));
  collector = await open();
});
afterEach(() => {
  collector.close();
  rmSync(folder, { recursive: true });
});

const report = (batch: number, rest: string, more: Partial<Report> = {}): Buffer =>
  Buffer.from(`${JSON.stringify(testReport("runtime-1", { batch, ...more }))}\n${rest}`);
const counts = () => {
  const { spans, logs, dropped } = collector.historyView();
  return { spans, logs, dropped };
};

test("a span is what it was in the runtime", () => {
  collector.takeReport(report(1, rowOf(SPAN) + rowOf({ ...SPAN, spanId: "a".repeat(16), failed: true })));
  const [span, failed] = traceDetail(collector.history, TRACE)?.spans ?? [];
  expect(span).toEqual({
    trace_id: TRACE,
    span_id: SPAN.spanId,
    parent_span_id: null,
    service: "OrderService",
    instance: "runtime-1",
    name: 'POST "/api/orders/"',
    kind: "server",
    started_at: 1_772_366_400_000.125,
    duration_ms: 1.375,
    failed: false,
    attributes: { "cfmp.order.id": "o-1", "http.response.status_code": 201 },
  });
  expect(failed).toMatchObject({ failed: true });
});

test("it survives a restart", async () => {
  collector.takeReport(report(1, LINE));
  collector.close();
  collector = await open();
  expect(findLogs(collector.history, {}).items.map(({ message }) => message)).toEqual(["request"]);
});

test("what is sent again under the same number counts once", () => {
  collector.takeReport(report(1, LINE));
  collector.takeReport(report(1, LINE));
  collector.takeReport(report(2, LINE));
  expect(counts()).toMatchObject({ logs: 2 });
});

test("what can't be read is counted, and the rest is read", () => {
  collector.takeReport(report(1, `[1]\n[1,\nno line\n${rowOf(SPAN)}${LINE}`));
  expect(counts()).toEqual({ spans: 1, logs: 1, dropped: { malformed: 3 } });
});

test("rates are of all requests and calls, though only some have spans", async () => {
  const traffic = new TrafficCounts();
  for (let no = 0; no < 500; no += 1) {
    traffic.served("OrderService", 4, no === 0);
    traffic.calls("OrderService", "database", "database").add(1, false);
  }
  collector.takeReport(report(1, (traffic.take() ?? "") + rowOf({ ...SPAN, startMs: Date.now() })));
  const { nodes, edges } = await collector.map();
  expect(nodes.find(({ name }) => name === "OrderService")?.traffic).toMatchObject({ count: 500, errors: 1 });
  expect(edges).toMatchObject([{ from: "OrderService", to: "database", traffic: { count: 500 } }]);
});

test("what other programs say was acknowledged or sent is shown as theirs, and judged by nobody", () => {
  collector.takeReport(report(1, ""));
  const attributes = {
    "cfmp.order.id": "o-1",
    "http.route": "/api/orders/{id}/cancel/",
    "http.request.method": "POST",
    "http.response.status_code": 200,
    "user.id": "mallory",
    "cfmp.sent.kind": "webhook",
  };
  const judged = () => [
    collector.orders.records.known("o-1").acknowledged,
    collector.sent.find({}).items.length,
  ];
  for (const instance of ["theirs", null])
    collector.takeSpans({ items: [testSpan(1, 1, { attributes, instance })], malformed: 0 });
  expect(judged()).toEqual([[], 0]);
  expect(collector.orders.records.known("o-1").readers).toEqual([]);
  collector.takeSpans({ items: [testSpan(1, 2, { attributes, instance: "runtime-1" })], malformed: 0 });
  expect(judged()).toEqual([[{ what: "order cancelled" }], 1]);
  expect(counts()).toMatchObject({ spans: 3 });
});

test("what a runtime has counted is not counted by its spans again, where they come by OpenTelemetry's protocol", async () => {
  const traffic = new TrafficCounts();
  traffic.served("OrderService", 4, false);
  traffic.calls("client", "OrderService", "http").add(4, false);
  collector.takeReport(report(1, traffic.take() ?? ""));
  const span = testSpan(1, 1, { started_at: Date.now(), instance: "runtime-1" });
  const theirs = testSpan(2, 2, {
    service: "TheirService",
    instance: "theirs",
    started_at: Date.now(),
    parent_span_id: span.span_id,
  });
  collector.takeSpans({ items: [span, theirs], malformed: 0 });
  const { nodes, edges } = await collector.map();
  const answered = nodes.map(({ name, traffic: { count } }) => [name, count]);
  expect(answered).toEqual(
    expect.arrayContaining([
      ["OrderService", 1],
      ["TheirService", 1],
    ]),
  );
  expect(edges.map(({ from, to, traffic: { count } }) => [from, to, count])).toEqual([
    ["client", "OrderService", 1],
    ["OrderService", "TheirService", 1],
  ]);
  expect(counts()).toMatchObject({ spans: 2 });
});

test("of a report all is kept or nothing, and what is not is counted", () => {
  const failing = () => {
    throw new Error("the disk is full");
  };
  const traffic = new TrafficCounts();
  traffic.acknowledged("o-1", "order created");
  Object.assign(collector.history, { addLogs: failing });
  collector.takeReport(report(1, (traffic.take() ?? "") + rowOf(SPAN) + LINE + LINE));
  expect(counts()).toEqual({ spans: 0, logs: 0, dropped: { write_failed: 4 } });
  expect(collector.orders.records.known("o-1").acknowledged).toEqual([]);
});

test("what was not recorded is said, by what it is", () => {
  collector.takeReport(report(1, "", { not_recorded: { traces: 7, lines: 30 } }));
  const stored = { changes: [], others: new Uint8Array(), size: 0 };
  collector.takeStored({ ...stored, unfollowed: 5, lost: true });
  const { not_recorded, dropped } = collector.historyView();
  expect(not_recorded).toEqual({ traces: 7, lines: 30, writes: 5 });
  expect(dropped).toEqual({ writes_unseen: 1 });
});

test("what requests without a trace acknowledged is known of their order", () => {
  const traffic = new TrafficCounts();
  traffic.acknowledged("o-1", "order created");
  collector.takeReport(report(1, traffic.take() ?? ""));
  expect(collector.orders.records.known("o-1").acknowledged).toEqual([{ what: "order created" }]);
  expect(collector.orders.records.unrecorded("o-1")).toMatchObject([{ what: "order created" }]);
});

test("each step that was acknowledged is known once, however often and wherever it was reported", () => {
  const { records } = collector.orders;
  const traffic = new TrafficCounts();
  records.acknowledge("o-1", "payment begun");
  for (const steps of [
    ["order created", "payment begun", "payment begun"],
    ["order created", "order completed"],
  ] as const) {
    for (const step of steps) traffic.acknowledged("o-1", step);
    collector.takeReport(report(steps.length, traffic.take() ?? ""));
  }
  const whats = (steps: readonly { readonly what: string }[]) => steps.map(({ what }) => what).toSorted();
  expect(whats(records.known("o-1").acknowledged)).toEqual([
    "order completed",
    "order created",
    "payment begun",
  ]);
  // Of the payment's begin the request is in the history.
  expect(whats(records.unrecorded("o-1"))).toEqual(["order completed", "order created"]);
});
