// What a runtime records of many requests: some traces whole, of the rest what failed or was slow, and counts of all.

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { scopeOf } from "../../lib/core/scope.ts";
import { serviceLog, setLogSink } from "../../lib/observability/log.ts";
import { beginServing } from "../../lib/observability/served-request.ts";
import { inSpan, setSpanRecorder } from "../../lib/observability/span.ts";
import { testSpan } from "../../lib/observability/test-spans.ts";
import { continueTrace, traceFields } from "../../lib/observability/trace.ts";
import { asCall, setTraffic } from "../../lib/observability/traffic.ts";
import { Calls } from "./calls.ts";
import { countsOf } from "./counts.ts";
import { readBatch } from "./read-batch.ts";
import { Recording } from "./recording.ts";
import { TRACES } from "./sampler.ts";

const ORDER = "0197b5a0-0000-7000-8000-000000000001";
const MORE = 100;

let recording: Recording;
beforeEach(() => {
  recording = new Recording(() => "OrderService", { monotonic: () => 0 });
  setSpanRecorder(recording);
  setTraffic(recording);
});
afterEach(() => {
  setSpanRecorder(undefined);
  setTraffic(undefined);
});

const NAME = "POST /api/orders/";

/** A request with one call of a peer, and one read of the database. */
async function request({ name = NAME, status = 201, parent = "", outside = true } = {}): Promise<string> {
  const serving = beginServing("OrderService", name, parent, {
    attributes: () => ({ "http.route": "/api/orders/", "http.request.method": "POST" }),
    endAttributes: () => ({ "cfmp.order.id": ORDER }),
    idOf: (kind) => (kind === "order" ? ORDER : undefined),
  });
  if (serving === undefined) throw new Error("There is a recorder");
  await inSpan(serving.span, () =>
    asCall(
      { from: "OrderService", to: "PaymentService", kind: "http" },
      () => ({ name: "GET", kind: "client" }),
      async () => {},
    ),
  );
  recording.asked("shop-orders", 1, false);
  serving.end({ status, failure: status >= 500 ? String(status) : undefined, outside });
  return serving.traceparent;
}

const taken = () => readBatch(recording.take(true)?.body.toString() ?? "", "i-1");
/** Uses up the traces that are recorded now. */
async function beyondTheFirst(): Promise<void> {
  while (recording.samples("", undefined));
  taken();
  recording.notRecorded.traces = 0;
}
const UNSAMPLED = `00-${"a".repeat(32)}-${"b".repeat(16)}-00`;
const SAMPLED = UNSAMPLED.replace(/00$/, "01");

test("the first traces of a time are recorded whole, the others are counted, and calls and requests are counted of all", async () => {
  for (let no = 0; no < TRACES.most + MORE; no += 1) await request();
  const { spans, counts } = taken();
  expect([spans.items.length, recording.notRecorded.traces]).toEqual([2 * TRACES.most, MORE]);
  const all = TRACES.most + MORE;
  expect(counts?.served).toMatchObject([{ place: { to: "OrderService" }, count: all, errors: 0 }]);
  expect(counts?.calls).toMatchObject([
    { place: { from: "OrderService", to: "PaymentService", kind: "http" }, count: all },
    { place: { from: "OrderService", to: "database", kind: "database" }, count: all },
    { place: { from: "client", to: "OrderService", kind: "http" }, count: all },
  ]);
  expect(recording.dropped).toEqual({});
});

test("a caller says whether its trace is recorded, and what is sent on says the same", async () => {
  await beyondTheFirst();
  expect(await request({ parent: SAMPLED })).toMatch(/-01$/);
  expect(taken().spans.items).toHaveLength(2);
  expect(await request({ parent: UNSAMPLED })).toMatch(new RegExp(`^00-${"a".repeat(32)}-[0-9a-f]{16}-00$`));
  expect(await request()).toMatch(/-00$/);
  expect(taken().spans.items).toEqual([]);
  expect(recording.notRecorded.traces).toBe(1);
});

test("of traces that are not recorded, requests that failed are, with what they were about", async () => {
  await request({ parent: UNSAMPLED, status: 503 });
  const { spans, counts } = taken();
  expect(spans.items).toMatchObject([
    { name: NAME, failed: true, trace_id: "a".repeat(32), attributes: { "cfmp.order.id": ORDER } },
  ]);
  expect(counts?.acknowledged).toEqual([]);
  expect(counts?.served).toMatchObject([{ errors: 1 }]);
});

test("what they acknowledge is kept, by the order's id", async () => {
  await request({ parent: UNSAMPLED });
  await request({ parent: UNSAMPLED, status: 422 });
  await request({ parent: UNSAMPLED, name: "GET /api/orders/" });
  await request({ parent: SAMPLED });
  expect(taken().counts?.acknowledged).toEqual([{ orderId: ORDER, step: "order created" }]);
});

test("where spans go to another receiver, callers outside and what was acknowledged are counted of all, and no spans are kept", async () => {
  const elsewhere: string[] = [];
  setSpanRecorder({ record: ({ name }) => void elsewhere.push(name), flush: async () => {} });
  await request({ parent: SAMPLED });
  await request({ parent: UNSAMPLED });
  await request();
  await request({ parent: UNSAMPLED, status: 503 });
  await request({ parent: SAMPLED, status: 503 });
  const { spans, counts } = taken();
  expect(spans.items).toEqual([]);
  expect(elsewhere.filter((name) => name === NAME)).toHaveLength(3);
  expect(counts?.calls).toContainEqual(
    expect.objectContaining({
      place: { from: "client", to: "OrderService", kind: "http" },
      count: 5,
      errors: 2,
    }),
  );
  const created = { orderId: ORDER, step: "order created" };
  expect(counts?.acknowledged).toEqual([created, created, created]);
});

test("their lines are not sent, but for warnings, and are counted", () => {
  setLogSink((_, line) => recording.line(line));
  try {
    const scope = (parent: string) => scopeOf("OrderService", "r-1", continueTrace(parent), 0);
    for (const log of [serviceLog("OrderService"), scope(SAMPLED).log, scope(UNSAMPLED).log]) {
      log.info({ err: { trace_id: "a".repeat(32) } }, "entry");
      log.info({ trace_id: "given" }, "entry");
      log.warn("warning");
    }
    serviceLog("OrderService").info(traceFields(UNSAMPLED), "request");
  } finally {
    setLogSink(() => {});
  }
  const kept = taken().lines.items.map(({ level }) => level);
  expect(kept).toEqual(["info", "info", "warn", "info", "info", "warn", "warn"]);
  expect(recording.notRecorded.lines).toBe(3);
});

test("a call that fails counts as failed, recorded or not", async () => {
  for (const parent of [SAMPLED, UNSAMPLED]) {
    const span = testSpan({ service: "OrderService", name: NAME, kind: "server", parent });
    const failing = inSpan(span, () =>
      asCall(
        { from: "OrderService", to: "PaymentService", kind: "http" },
        () => ({ name: "POST", kind: "client" }),
        () => Promise.reject(new Error("no")),
      ),
    );
    await expect(failing).rejects.toThrow("no");
  }
  expect(taken().counts?.calls).toMatchObject([{ place: { to: "PaymentService" }, count: 2, errors: 2 }]);
});

test("a caller outside that says its trace is counted where its spans may be, once", async () => {
  await request({ parent: SAMPLED });
  await request({ parent: UNSAMPLED });
  await request({ parent: SAMPLED, outside: false });
  const { spans, counts } = taken();
  const calls = new Calls();
  const now = Date.now();
  calls.addOwn(spans.items, now);
  if (counts !== undefined) calls.addCounts(counts, now);
  calls.settle(now + 5_000);
  const edges = calls.edges.edges(now, 60_000).filter(({ to }) => to === "OrderService");
  expect(edges.map(({ from, traffic }) => [from, traffic.count])).toEqual([["client", 2]]);
});

test("what was taken is not there again, and a line that is no counts is none", () => {
  recording.called({ from: "a", to: "b", kind: "http" }, 1, false);
  expect(taken().counts?.calls).toHaveLength(1);
  expect(recording.take(true)).toBeUndefined();
  expect(countsOf("{")).toBeUndefined();
  expect(countsOf('{"served":[[1,2]],"calls":3}')).toEqual({ served: [], calls: [], acknowledged: [] });
});
