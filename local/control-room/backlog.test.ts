// What arrives while nobody looks is kept as it is, and read when somebody does.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { RecordedSpan } from "../../lib/observability/span.ts";
import { until } from "../../tests/support/poll.ts";
import { Collector } from "./collector.ts";
import { History } from "./history.ts";
import { findLogs, traceDetail } from "./queries.ts";
import { rowOf } from "./span-rows.ts";
import { testReport } from "./test-reports.ts";

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
  folder = mkdtempSync(join(tmpdir(), "cfmp-backlog-"));
  collector = await open();
});
afterEach(() => {
  collector.close();
  rmSync(folder, { recursive: true });
});

const report = (batch: number, rest: string, cpu = 1): Buffer =>
  Buffer.from(`${JSON.stringify(testReport("runtime-1", { batch, cpu }))}\n${rest}`);
const counts = () => {
  const { spans, logs, unread, dropped } = collector.historyView();
  return { spans, logs, unread, dropped };
};

test("it is read when somebody looks, and at once from then on", async () => {
  expect(collector.takeReport(report(1, rowOf(SPAN) + LINE))).toBe(true);
  expect(counts()).toEqual({ spans: 0, logs: 0, unread: 1, dropped: {} });
  await collector.look();
  expect(counts()).toEqual({ spans: 1, logs: 1, unread: 0, dropped: {} });
  collector.takeReport(report(2, LINE));
  expect(counts()).toMatchObject({ logs: 2, unread: 0 });
});

test("a span is what it was in the runtime", async () => {
  collector.takeReport(report(1, rowOf(SPAN) + rowOf({ ...SPAN, spanId: "a".repeat(16), failed: true })));
  await collector.look();
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

test("it survives a restart, and is read in the order in which it came", async () => {
  const line = (message: string) => LINE.replace('"request"', `"${message}"`);
  collector.takeReport(report(1, line("first")));
  collector.takeReport(report(2, line("second")));
  collector.close();
  collector = await open();
  expect(counts()).toMatchObject({ logs: 0, unread: 2 });
  await collector.look();
  expect(findLogs(collector.history, {}).items.map(({ message }) => message)).toEqual(["second", "first"]);
});

test("what is sent again under the same number counts once", async () => {
  collector.takeReport(report(1, LINE));
  collector.takeReport(report(1, LINE));
  collector.takeReport(report(2, LINE));
  await collector.look();
  expect(counts()).toMatchObject({ logs: 2 });
});

test("what can't be read is counted, and the rest is read", async () => {
  collector.takeReport(report(1, `[1]\n[1,\nno line\n${rowOf(SPAN)}${LINE}`));
  await collector.look();
  expect(counts()).toEqual({ spans: 1, logs: 1, unread: 0, dropped: { malformed: 3 } });
});

test("writes of the database wait as well, and are read in their turn", async () => {
  const taken: unknown[] = [];
  collector.orders.takeItems = (changes) => void taken.push(changes);
  const change = { at: 1, table: "t-orders", text: '{"name":"Zoë \\n 张"}' };
  const changes = [change, { at: 2, table: "t-orders", text: undefined }, { ...change, at: 3 }];
  collector.takeItems(changes);
  collector.takeItems(undefined);
  expect(taken).toEqual([]);
  await collector.look();
  expect(taken).toEqual([changes, undefined]);
  expect(counts().dropped).toEqual({ writes_unseen: 1 });
  collector.takeItems([change]);
  expect(taken).toHaveLength(3);
});

test("the promises say how much is not read yet", async () => {
  collector.takeReport(report(1, LINE));
  expect(collector.promises().pending).toBe(1);
  await collector.look();
  expect(collector.promises().pending).toBe(0);
});

test("where nobody looks it is read as well, once the runtimes have little to do", async () => {
  collector.takeReport(report(1, LINE));
  collector.takeReport(report(2, LINE, 0.1));
  await until("it is read", () => counts().unread === 0);
  expect(counts()).toMatchObject({ logs: 2 });
});
