import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { setMeter } from "../meter.ts";
import type { RecordedSpan } from "../span.ts";
import { silentMeter } from "../test-meter.ts";
import { type Receipt, SpanExporter } from "./exporter.ts";

const span = (name: string): RecordedSpan => ({
  service: "TestService",
  name,
  kind: "internal",
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  parentSpanId: undefined,
  startMs: 0,
  endMs: 1,
  attributes: {},
  failed: false,
});

const TAKEN: Receipt = { kind: "taken", rejected: 0 };
let receipts: (Receipt | Promise<Receipt>)[];
let batches: string[][];
let reports: Readonly<Record<string, number>>[];
let reasons: (string | undefined)[];
let counts: Record<string, number>;
let now: number;
let exporter: SpanExporter;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask", "nextTick"] });
  [receipts, batches, reports, reasons, counts, now] = [[], [], [], [], {}, 0];
  setMeter({
    ...silentMeter,
    spans: (outcome, count) => {
      counts[outcome] = (counts[outcome] ?? 0) + count;
    },
  });
  exporter = new SpanExporter({
    samples: () => true,
    async send(spans) {
      batches.push(spans.map(({ name }) => name));
      return receipts.shift() ?? TAKEN;
    },
    report(dropped, reason) {
      reports.push(dropped);
      reasons.push(reason);
    },
    monotonic: () => now,
  });
});
afterEach(() => {
  setMeter(undefined);
  jest.useRealTimers();
});

const record = (count: number, from = 0): void => {
  for (let index = from; index < from + count; index += 1) exporter.record(span(String(index)));
};
/** Lets `milliseconds` pass, and everything that follows from it. */
const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

describe("spans are sent", () => {
  test("together, a second after the first", async () => {
    record(2);
    await pass(999);
    expect(batches).toEqual([]);
    await pass(1);
    expect(batches).toEqual([["0", "1"]]);
    expect(counts).toEqual({ sent: 2 });
  });

  test("at once when a batch is full", async () => {
    record(512);
    await pass(0);
    expect(batches.map(({ length }) => length)).toEqual([512]);
  });

  test("again after a receiver that is away, later each time", async () => {
    receipts = [
      { kind: "away", reason: "503" },
      { kind: "away", reason: "503", afterMs: 3_000 },
    ];
    record(1);
    await pass(1_000 + 500);
    expect(batches).toHaveLength(2);
    await pass(2_999);
    expect(batches).toHaveLength(2);
    await pass(1);
    expect(batches).toHaveLength(3);
    expect(counts).toEqual({ sent: 1 });
  });
});

describe("spans are dropped, counted and reported", () => {
  test("when the queue is full, and recording does not wait", async () => {
    receipts = [new Promise<Receipt>(() => {})];
    record(512);
    await pass(0);
    record(2_048 + 5, 512);
    expect(counts).toEqual({ queue_full: 5 });
    await Promise.all([exporter.flush(), pass(1_000)]);
    expect(reports).toEqual([{ queue_full: 5 }]);
  });

  test("when the receiver refuses them, or some of them", async () => {
    receipts = [
      { kind: "refused", reason: "400" },
      { kind: "taken", rejected: 1 },
    ];
    record(3);
    await pass(1_000);
    now = 60_000;
    record(2);
    await pass(1_000);
    expect(counts).toEqual({ refused: 4, sent: 1 });
    expect(reports).toEqual([{ refused: 3 }, { refused: 1 }]);
    expect(reasons).toEqual(["400", "the receiver rejected spans of a batch that it took"]);
  });

  test.each([
    [1e6, { refused: 2 }],
    [Number.POSITIVE_INFINITY, { refused: 2 }],
    [-5, { sent: 2 }],
    [Number.NaN, { sent: 2 }],
    [1.5, { refused: 1, sent: 1 }],
  ])("as many as there are, though the receiver says that it rejected %p", async (rejected, expected) => {
    receipts = [{ kind: "taken", rejected }];
    record(2);
    await pass(1_000);
    expect(counts).toEqual(expected);
    record(1);
    await pass(1_000);
    expect(batches).toHaveLength(2);
  });

  test("after four tries, and what comes later is sent", async () => {
    receipts = Array.from({ length: 4 }, () => ({ kind: "away", reason: "no connection" }) as const);
    record(1);
    await pass(30_000);
    expect([batches.length, counts]).toEqual([4, { unreachable: 1 }]);
    record(1);
    await pass(1_000);
    expect(counts).toEqual({ unreachable: 1, sent: 1 });
  });

  test("with one report a minute", async () => {
    receipts = Array.from({ length: 3 }, () => ({ kind: "refused", reason: "400" }) as const);
    record(1);
    await pass(1_000);
    record(1);
    await pass(1_000);
    expect(reports).toEqual([{ refused: 1 }]);
    now = 60_000;
    record(1);
    await pass(1_000);
    expect(reports).toEqual([{ refused: 1 }, { refused: 2 }]);
  });
});

describe("the end", () => {
  test("sends what waits", async () => {
    record(600);
    await exporter.close();
    expect([counts, reports]).toEqual([{ sent: 600 }, []]);
  });

  test("counts what a receiver that hangs has not answered, what waits behind it, and what comes later", async () => {
    const { promise, resolve } = Promise.withResolvers<Receipt>();
    receipts = [promise];
    record(600);
    await Promise.all([exporter.close(), pass(1_000)]);
    expect(counts).toEqual({ unreachable: 600 });
    expect(reports).toEqual([{ unreachable: 600 }]);
    expect(reasons).toEqual(["the receiver did not answer before the end"]);
    resolve(TAKEN);
    record(1);
    await pass(10_000);
    expect([batches.length, counts]).toEqual([1, { unreachable: 601 }]);
  });
});

describe("a flush", () => {
  test("sends what waits, at once, and what is recorded meanwhile", async () => {
    record(600);
    const flushed = exporter.flush();
    record(1, 600);
    await flushed;
    expect(batches.flat()).toHaveLength(601);
  });

  test("does not wait out a pause between tries", async () => {
    receipts = [{ kind: "away", reason: "503", afterMs: 5_000 }];
    record(1);
    await pass(1_000);
    expect(batches).toHaveLength(1);
    await exporter.flush();
    expect([batches.length, counts]).toEqual([2, { sent: 1 }]);
  });

  test("tries once where the receiver is away: a function's reply waits for it", async () => {
    receipts = [{ kind: "away", reason: "no connection" }];
    record(1);
    await exporter.flush();
    expect([batches.length, counts, reports]).toEqual([1, { unreachable: 1 }, [{ unreachable: 1 }]]);
  });

  test("ends after a second, whatever the receiver does", async () => {
    receipts = [new Promise<Receipt>(() => {})];
    record(1);
    let ended = false;
    const flushed = exporter.flush().then(() => {
      ended = true;
    });
    await pass(999);
    expect(ended).toBe(false);
    await pass(1);
    await flushed;
  });

  test("of nothing is nothing", async () => {
    await exporter.flush();
    expect([batches, reports]).toEqual([[], []]);
  });
});
