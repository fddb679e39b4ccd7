import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { History } from "./history.ts";
import { OrderRecords } from "./orders/order-records.ts";
import { findLogs, findTraces, metricNames, metricSeries, traceDetail, tracesOf } from "./queries.ts";
import { testLine, testSpan } from "./test-spans.ts";

const DAY_MS = 86_400_000;
const MB = 1_000_000;

let folder: string;
let path: string;
let now: number;
const opened: History[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-history-"));
  path = join(folder, "history.sqlite");
  now = 1_700_000_000_000;
});
afterEach(() => {
  for (const history of opened.splice(0)) history.close();
  rmSync(folder, { recursive: true });
});

async function open(bytes = 20 * MB, file = path): Promise<History> {
  const history = await History.open(file, { bytes, ms: DAY_MS }, () => now);
  opened.push(history);
  return history;
}

const diskBytes = (): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

describe("Traces", () => {
  test("are put together from spans, in whichever order these arrive", async () => {
    const history = await open();
    history.addSpans([testSpan(1, 2, { service: "PaymentService", name: "later", failed: true })]);
    history.addSpans([testSpan(1, 1, { service: "gateway", name: "POST" }), testSpan(1, 3)]);
    const [trace] = tracesOf(history, [testSpan(1, 1).trace_id]);
    expect(trace).toMatchObject({ root_service: "gateway", root_name: "POST", spans: 3, errors: 1 });
    expect(trace).toMatchObject({ started_at: 1_001, duration_ms: 12 });
    expect(trace?.services.toSorted()).toEqual(["OrderService", "PaymentService", "gateway"]);
    expect(traceDetail(history, testSpan(1, 1).trace_id)?.spans.map(({ name }) => name)).toEqual([
      "POST",
      "later",
      "POST /api/orders/",
    ]);
    expect(traceDetail(history, "f".repeat(32))).toBeUndefined();
  });

  test("are listed newest first, page by page, each once", async () => {
    const history = await open();
    history.addSpans(Array.from({ length: 25 }, (_, index) => testSpan(index + 1, 1)));
    const found: number[] = [];
    let cursor: string | undefined;
    do {
      const page = findTraces(history, { limit: "10", cursor }, []);
      found.push(...page.items.map(({ started_at }) => started_at));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(found).toEqual(Array.from({ length: 25 }, (_, index) => (25 - index) * 1_000 + 1));
  });

  test("are listed each once, also where many began at the same time", async () => {
    const history = await open();
    history.addSpans(Array.from({ length: 25 }, (_, index) => testSpan(index + 1, 1, { started_at: 7 })));
    const found = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = findTraces(history, { limit: "10", cursor }, []);
      for (const { trace_id } of page.items) found.add(trace_id);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(found.size).toBe(25);
  });

  test("have services whose names may hold anything", async () => {
    const history = await open();
    history.addSpans([testSpan(1, 1)]);
    for (const service of ["a\0b", "\0", "", "c"]) history.addSpans([testSpan(1, 2, { service })]);
    expect(tracesOf(history, [testSpan(1, 1).trace_id])[0]).toMatchObject({ spans: 5 });
  });

  test.each([
    ["yes", true],
    ["ratio", "1e+21"],
    ["ratio", "1000000000000000000000"],
    ["no", "false"],
    ["user.id", "77"],
    ["cfmp.order.id", "x".repeat(300)],
  ])("are found by the attribute %s, whatever its type", async (name, value) => {
    const history = await open();
    const attributes = { yes: true, no: false, ratio: 1e21, "user.id": 77, "cfmp.order.id": "x".repeat(300) };
    history.addSpans([testSpan(1, 1, { attributes }), testSpan(2, 1)]);
    expect(findTraces(history, {}, [`${name}=${value}`]).items).toHaveLength(1);
    expect(findTraces(history, {}, [`${name}=other`]).items).toHaveLength(0);
  });

  test.each([
    ["service", { service: "PaymentService" }, [], [3]],
    ["part of a service's name, which is none", { service: "Payment" }, [], []],
    ["error", { error: "true" }, [], [2]],
    ["duration", { min_ms: "50" }, [], [4]],
    ["longest duration", { max_ms: "10" }, [], [5, 3, 2, 1]],
    ["time", { since: "2000", until: "4000" }, [], [3, 2]],
    ["name", { name: "refund" }, [], [5]],
    ["an id", {}, ["cfmp.order.id=o-1"], [3, 1]],
    ["any attribute", {}, ["retries=2"], [1]],
    ["two attributes, of one span or several", {}, ["cfmp.order.id=o-1", "retries=2"], [1]],
  ])("are found by %s", async (_, query, attributes, expected) => {
    const history = await open();
    history.addSpans([
      testSpan(1, 1, { attributes: { "cfmp.order.id": "o-1" } }),
      testSpan(1, 2, { started_at: 1_001, attributes: { retries: 2 } }),
      testSpan(2, 1, { failed: true }),
      testSpan(3, 1, { service: "PaymentService", attributes: { "cfmp.order.id": "o-1" } }),
      testSpan(4, 1, { duration_ms: 60 }),
      testSpan(5, 1, { name: "Refund alipay" }),
    ]);
    const { items } = findTraces(history, query, attributes);
    expect(items.map(({ started_at }) => Math.floor(started_at / 1_000))).toEqual(expected);
  });
});

test("Lines are found by service, level, text and trace, newest first", async () => {
  const history = await open();
  history.addLogs([
    testLine(1, { level: "debug" }),
    testLine(2, { level: "warn", message: "It was Late" }),
    testLine(3, { service: "PaymentService", level: "error", fields: { code: "provider_late" } }),
    testLine(4, { trace_id: "a".repeat(32) }),
  ]);
  const found = (query: Parameters<typeof findLogs>[1]) => findLogs(history, query).items.map(({ at }) => at);
  expect(found({})).toEqual([4, 3, 2, 1]);
  expect(found({ level: "warn" })).toEqual([3, 2]);
  expect(found({ service: "PaymentService" })).toEqual([3]);
  expect(found({ text: "late" })).toEqual([3, 2]);
  expect(found({ trace_id: "a".repeat(32) })).toEqual([4]);
  const first = findLogs(history, { limit: "3" });
  expect(
    findLogs(history, { limit: "3", cursor: first.next_cursor ?? "" }).items.map(({ at }) => at),
  ).toEqual([1]);
});

test("Points become series with the mean of each step, and gaps", async () => {
  const history = await open();
  const point = (at: number, value: number, service = "a") => ({
    at,
    name: "rate",
    labels: { service },
    value,
  });
  history.addPoints([point(1_000, 1), point(1_500, 3), point(3_000, 5), point(1_000, 7, "b")]);
  history.addPoints([{ at: 1, name: "other", labels: {}, value: 1 }]);
  expect(metricNames(history)).toEqual(["other", "rate"]);
  expect(metricSeries(history, "rate", { since: 1_000, until: 3_999, step_ms: 1_000 })).toEqual({
    name: "rate",
    step_ms: 1_000,
    at: [1_000, 2_000, 3_000],
    series: [
      { labels: { service: "a" }, values: [2, null, 5] },
      { labels: { service: "b" }, values: [7, null, null] },
    ],
  });
  const day = metricSeries(history, "rate", { since: 0, until: DAY_MS, step_ms: 1_000 });
  expect(day.at.length).toBeLessThanOrEqual(2_001);
});

describe("The history", () => {
  test("is there after a restart", async () => {
    (await open()).addSpans([testSpan(1, 1)]);
    opened.pop()?.close();
    // Its clock may have been set back meanwhile.
    now -= 5_000;
    const again = await open();
    expect(again.view({})).toMatchObject({ kept: "disk", spans: 1, oldest_at: now + 5_000 });
    again.addSpans([testSpan(2, 1)]);
    expect(findTraces(again, {}, []).items).toHaveLength(2);
  });

  test("holds its budget when ten times as much is sent, and the oldest goes first", async () => {
    const history = await open();
    const attributes = { text: "x".repeat(1_000) };
    let trace = 0;
    for (let sent = 0; sent < 200 * MB; sent += 100 * 1_300) {
      now += 1_000;
      history.addSpans(
        Array.from({ length: 100 }, (_, index) => testSpan(trace + index + 1, 1, { attributes })),
      );
      trace += 100;
    }
    history.prune();
    expect(history.bytes()).toBeLessThanOrEqual(20 * MB);
    expect(diskBytes()).toBeLessThanOrEqual(20 * MB);
    const { spans } = history.view({});
    expect(spans).toBeGreaterThan(1_000);
    expect(findTraces(history, { limit: "1" }, []).items[0]?.trace_id).toBe(testSpan(trace, 1).trace_id);
    expect(traceDetail(history, testSpan(1, 1).trace_id)).toBeUndefined();
  });

  test("holds it also after the clock was set back, and what arrives then is kept", async () => {
    const history = await History.open(path, { bytes: 12 * MB, ms: DAY_MS }, () => {
      now += 3;
      return now;
    });
    opened.push(history);
    const attributes = { text: "x".repeat(1_000) };
    const send = (trace: number) =>
      history.addSpans(
        Array.from({ length: 100 }, (_, index) => testSpan(trace * 100 + index + 1, 1, { attributes })),
      );
    for (let trace = 0; trace < 100; trace += 1) send(trace);
    now -= DAY_MS / 2;
    for (let trace = 100; trace < 300; trace += 1) send(trace);
    expect(diskBytes()).toBeLessThanOrEqual(12 * MB);
    expect(traceDetail(history, testSpan(30_000, 1).trace_id)).toBeDefined();
  });

  test("tells what is added after a mark from what was before it, whatever the clock does", async () => {
    const history = await open();
    const records = new OrderRecords(history);
    const row = {
      buyer: "ann",
      seller: null,
      status: "pending",
      total: 1,
      currency: "CNY",
      created_at: 1,
      updated_at: 1,
    };
    records.takeOrder({ ...row, order_id: "before" });
    for (const passed of [0, -3_600_000, 1]) {
      now += passed;
      const mark = history.mark();
      records.takeOrder({ ...row, order_id: `after ${passed}` });
      expect(records.seenSince("before", mark)).toBe(false);
      expect(records.seenSince(`after ${passed}`, mark)).toBe(true);
    }
  });

  test("forgets after a day", async () => {
    const history = await open();
    history.addSpans([testSpan(1, 1)]);
    history.addLogs([testLine(1)]);
    now += DAY_MS + 1;
    history.addLogs([testLine(now)]);
    history.prune();
    expect(history.view({})).toMatchObject({ spans: 0, logs: 1 });
  });

  test("sets a damaged file aside", async () => {
    writeFileSync(path, "this is no database".repeat(1_000));
    const history = await open();
    expect(history.kept).toBe("disk");
    expect(readdirSync(folder)).toContain("history.sqlite.damaged");
  });

  test("is kept in memory where no file can be written, and says so", async () => {
    const history = await open(200 * MB, join(folder, "missing", "history.sqlite"));
    history.addSpans([testSpan(1, 1)]);
    const { kept, reason, spans, budget_bytes } = history.view({});
    expect([kept, spans]).toEqual(["memory", 1]);
    expect(reason).toMatch(/can't be used/);
    expect(budget_bytes).toBeLessThan(20 * MB);
  });
});
