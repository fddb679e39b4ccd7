import { afterEach, describe, expect, test } from "@jest/globals";
import { activeSpan, asSpan, beginSpan, ending, inSpan, type RecordedSpan, setSpanRecorder } from "./span.ts";
import { forgetSpans, recordSpans, testSpan } from "./test-spans.ts";

afterEach(forgetSpans);

const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const start = { service: "TestService", name: "work", kind: "internal" } as const;
const step = () => ({ name: "step", kind: "client" }) as const;

describe("without a recorder", () => {
  test("no span is made, and work is just done", async () => {
    expect(beginSpan(PARENT, () => start)).toBeUndefined();
    expect(activeSpan()).toBeUndefined();
    let made = 0;
    const counted = () => {
      made += 1;
      return step();
    };
    expect(await asSpan(counted, async (span) => span ?? "done")).toBe("done");
    expect(made).toBe(0);
  });
});

describe("a span", () => {
  test("is below its parent, in its trace, and begins a trace without one", () => {
    const spans = recordSpans();
    testSpan({ ...start, parent: PARENT })?.end();
    testSpan(start)?.end();
    testSpan({ ...start, parent: "no traceparent" })?.end();
    const [below, first, second] = spans;
    expect(below).toMatchObject({ traceId: PARENT.slice(3, 35), parentSpanId: PARENT.slice(36, 52) });
    expect(first?.parentSpanId).toBeUndefined();
    expect(second?.parentSpanId).toBeUndefined();
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(3);
  });

  test("is none where the caller says that the trace is not recorded, and what is told to others says the same", () => {
    const spans = recordSpans();
    let described = 0;
    const begun = beginSpan(PARENT.replace(/01$/, "00"), () => {
      described += 1;
      return start;
    });
    expect(begun).toMatchObject({ span: undefined, parentSpanId: PARENT.slice(36, 52) });
    expect(begun?.traceparent).toMatch(new RegExp(`^${PARENT.slice(0, 35)}-[0-9a-f]{16}-00$`));
    expect(described).toBe(0);
    testSpan({ ...start, parent: PARENT.replace(/01$/, "03") })?.end();
    expect(spans).toHaveLength(1);
  });

  test("that begins a trace is recorded as the recorder says", () => {
    const spans: RecordedSpan[] = [];
    const record = (span: RecordedSpan) => void spans.push(span);
    setSpanRecorder({ samples: () => spans.length === 0, record, flush: async () => {} });
    testSpan(start)?.end();
    expect(beginSpan(undefined, () => start)).toMatchObject({
      span: undefined,
      parentSpanId: undefined,
      traceparent: expect.stringMatching(/-00$/),
    });
    expect(spans).toHaveLength(1);
  });

  test("of a trace that a caller has begun is recorded as the recorder says, and so is what is called for it", () => {
    const asked: unknown[] = [];
    const spans: RecordedSpan[] = [];
    const samples = (traceId: string, caller: boolean | undefined) => {
      asked.push([traceId, caller]);
      return caller === false;
    };
    setSpanRecorder({ samples, record: (span) => void spans.push(span), flush: async () => {} });
    const on = beginSpan(PARENT, () => start);
    const off = beginSpan(PARENT.replace(/01$/, "00"), () => start);
    on?.span?.end();
    off?.span?.end();
    expect(asked).toEqual([
      [PARENT.slice(3, 35), true],
      [PARENT.slice(3, 35), false],
    ]);
    expect([on?.traceparent.slice(-2), off?.traceparent.slice(-2)]).toEqual(["00", "01"]);
    expect(spans).toHaveLength(1);
  });

  test("ends once, not before it began, by the time of day", () => {
    const spans = recordSpans();
    const before = Date.now();
    const span = testSpan(start);
    span?.end();
    span?.end();
    expect(spans).toHaveLength(1);
    const [{ startMs = 0, endMs = 0 } = {}] = spans;
    expect(endMs).toBeGreaterThanOrEqual(startMs);
    expect(Math.abs(startMs - before)).toBeLessThan(60_000);
  });

  test("that fails says by what code, never with its text", async () => {
    const spans = recordSpans();
    const secret = Object.assign(new Error("to alice@shop.example"), { code: "mail_failed" });
    const tries = [secret, new TypeError("alice"), "503", null].map((error) =>
      ending(testSpan(start), () => Promise.reject(error)).catch(() => {}),
    );
    await Promise.all(tries);
    expect(spans.map(({ failed, attributes }) => [failed, attributes["error.type"]])).toEqual([
      [true, "mail_failed"],
      [true, "TypeError"],
      [true, "503"],
      [true, "_OTHER"],
    ]);
    expect(JSON.stringify(spans)).not.toContain("alice");
  });
});

describe("what is begun within a span", () => {
  test("is below it, also after an await, and of its service", async () => {
    const spans = recordSpans();
    const outer = testSpan({ ...start, parent: PARENT });
    await inSpan(outer, () =>
      ending(outer, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        await asSpan(step, async () => asSpan(step, async () => {}));
      }),
    );
    const [inner, middle, top] = spans;
    expect(inner).toMatchObject({ parentSpanId: middle?.spanId, service: "TestService" });
    expect(middle).toMatchObject({ parentSpanId: top?.spanId, service: "TestService" });
  });

  test("is below nothing once the span has ended", async () => {
    const spans = recordSpans();
    const outer = testSpan(start);
    await inSpan(outer, async () => {
      outer?.end();
      await asSpan(step, async (span) => expect(span).toBeUndefined());
    });
    expect(spans.map(({ name }) => name)).toEqual(["work"]);
  });

  test("is not what is begun without a span within it", async () => {
    const spans = recordSpans();
    const outer = testSpan(start);
    await inSpan(outer, () =>
      ending(outer, async () => {
        await inSpan(undefined, () => asSpan(step, async (span) => expect(span).toBeUndefined()));
        expect(activeSpan()).toBe(outer);
      }),
    );
    expect(spans.map(({ name }) => name)).toEqual(["work"]);
  });

  test("does not see the spans of others", async () => {
    recordSpans();
    const seen = await Promise.all(
      ["a", "b"].map((name) => {
        const span = testSpan({ ...start, name });
        return inSpan(span, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          return activeSpan() === span;
        });
      }),
    );
    expect(seen).toEqual([true, true]);
    expect(activeSpan()).toBeUndefined();
  });
});
