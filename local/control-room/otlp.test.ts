import { describe, expect, test } from "@jest/globals";
import { traceRequest } from "../../lib/observability/otlp/encode.ts";
import { decodeLogs, decodeMetrics, decodeSpans } from "./otlp.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

const spans = (span: object) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
      scopeSpans: [{ spans: [span] }],
    },
  ],
});
const whole = {
  traceId: TRACE,
  spanId: SPAN,
  name: "GET",
  kind: 2,
  startTimeUnixNano: "1700000000123456789",
  endTimeUnixNano: "1700000000223456789",
};

describe("Spans", () => {
  test("are read as this system sends them", () => {
    const request = traceRequest(
      [
        {
          service: "OrderService",
          name: "PutItem",
          kind: "client",
          traceId: TRACE,
          spanId: SPAN,
          parentSpanId: "00f067aa0ba902b7",
          startMs: 1_700_000_000_123.5,
          endMs: 1_700_000_000_125.75,
          attributes: { "db.system.name": "dynamodb", count: 3, share: 0.5, ok: true },
          failed: true,
        },
      ],
      { "service.instance.id": "i-1" },
    );
    expect(decodeSpans(JSON.parse(JSON.stringify(request)))).toEqual({
      items: [
        {
          trace_id: TRACE,
          span_id: SPAN,
          parent_span_id: "00f067aa0ba902b7",
          service: "OrderService",
          instance: "i-1",
          name: "PutItem",
          kind: "client",
          started_at: 1_700_000_000_123.5,
          duration_ms: 2.25,
          failed: true,
          attributes: { "db.system.name": "dynamodb", count: 3, share: 0.5, ok: true },
        },
      ],
      malformed: 0,
    });
  });

  test.each([
    [{ kind: "SPAN_KIND_PRODUCER" }, { kind: "producer" }],
    [{ kind: 99 }, { kind: "internal" }],
    [{ traceId: TRACE.toUpperCase() }, { trace_id: TRACE }],
    [{ parentSpanId: "" }, { parent_span_id: null }],
    [{ parentSpanId: "0000000000000000" }, { parent_span_id: null }],
    [{ status: { code: "STATUS_CODE_ERROR" } }, { failed: true }],
    [{ status: { code: 1 } }, { failed: false }],
    [{ endTimeUnixNano: "1600000000000000000" }, { duration_ms: 0 }],
    [
      { attributes: [{ key: "list", value: { arrayValue: { values: [{ intValue: "1" }] } } }] },
      { attributes: { list: "[1]" } },
    ],
  ])("of others may be written as %j", (change, expected) => {
    expect(decodeSpans(spans({ ...whole, ...change })).items).toEqual([expect.objectContaining(expected)]);
  });

  test.each([
    { traceId: "0".repeat(32) },
    { traceId: "abc" },
    { spanId: 5 },
    { startTimeUnixNano: "soon" },
    { endTimeUnixNano: undefined },
  ])("with %j are counted as malformed", (change) => {
    expect(decodeSpans(spans({ ...whole, ...change }))).toEqual({ items: [], malformed: 1 });
  });

  test.each([null, 1, "x", [], {}, { resourceSpans: {} }, { resourceSpans: [null, { scopeSpans: [3] }] }])(
    "are none in %j",
    (request) => {
      expect(decodeSpans(request)).toEqual({ items: [], malformed: 0 });
    },
  );

  test("name their service in one line", () => {
    const request = spans(whole);
    const named = (stringValue: string) =>
      decodeSpans({
        resourceSpans: request.resourceSpans.map((each) => ({
          ...each,
          resource: { attributes: [{ key: "service.name", value: { stringValue } }] },
        })),
      }).items[0]?.service;
    expect(named("a\u0000b\nc\u009b")).toBe("a b c");
    expect(named(" \r\n")).toBe("unknown_service");
    expect(named("x".repeat(1_000))).toHaveLength(200);
  });

  test("have attributes that may be nested as deep as they like", () => {
    const level = ['{"arrayValue":{"values":[', "]}}"] as const;
    const deep = JSON.parse(level.map((part) => part.repeat(100_000)).join(""));
    const attributes = [
      { key: "deep", value: deep },
      { key: "flat", value: { boolValue: true } },
      {
        key: "list",
        value: {
          arrayValue: {
            values: [
              { intValue: "2" },
              { kvlistValue: { values: [{ key: "a", value: { stringValue: "b" } }] } },
              {},
            ],
          },
        },
      },
    ];
    expect(decodeSpans(spans({ ...whole, attributes })).items[0]?.attributes).toEqual({
      deep: "(too deeply nested)",
      flat: true,
      list: '[2,{"a":"b"},null]',
    });
  });

  test("have bounded attributes", () => {
    const attributes = Array.from({ length: 500 }, (_, index) => ({
      key: `k${index}`,
      value: { stringValue: "x".repeat(100_000) },
    }));
    const [span] = decodeSpans(spans({ ...whole, attributes })).items;
    expect(JSON.stringify(span).length).toBeLessThan(200_000);
  });
});

test("Lines of logs have their level, trace and text", () => {
  const line = {
    timeUnixNano: "1700000000000000000",
    severityNumber: 17,
    body: { stringValue: "it failed" },
    traceId: TRACE,
    spanId: SPAN,
    attributes: [{ key: "code", value: { intValue: "7" } }],
  };
  const { items } = decodeLogs({ resourceLogs: [{ scopeLogs: [{ logRecords: [line] }] }] });
  expect(items).toEqual([
    {
      at: 1_700_000_000_000,
      service: "unknown_service",
      instance: null,
      level: "error",
      message: "it failed",
      trace_id: TRACE,
      span_id: SPAN,
      fields: { code: 7 },
    },
  ]);
});

test.each([
  [{ severityText: "ERROR" }, "error"],
  [{ severityNumber: 0, severityText: "Warning" }, "warn"],
  [{ severityText: "trace" }, "debug"],
  [{ severityText: "notice" }, "info"],
  [{ severityNumber: 9, severityText: "ERROR" }, "info"],
])("A line with %j has the level %s", (severity, level) => {
  const line = { timeUnixNano: "1700000000000000000", body: { stringValue: "x" }, ...severity };
  expect(decodeLogs({ resourceLogs: [{ scopeLogs: [{ logRecords: [line] }] }] }).items[0]?.level).toBe(level);
});

test("Points of gauges, sums and histograms become series", () => {
  const at = "1700000000000000000";
  const metrics = [
    { name: "heat", gauge: { dataPoints: [{ timeUnixNano: at, asDouble: 1.5 }] } },
    { name: "hits", sum: { dataPoints: [{ timeUnixNano: at, asInt: "3" }] } },
    { name: "time", histogram: { dataPoints: [{ timeUnixNano: at, count: "2", sum: 9 }] } },
    { name: "none", gauge: { dataPoints: [{ timeUnixNano: at, asDouble: "NaN" }] } },
    { name: "late", gauge: { dataPoints: [{ asDouble: 1 }] } },
    ...["", ".", ".."].map((name) => ({ name, gauge: { dataPoints: [{ timeUnixNano: at, asDouble: 1 }] } })),
  ];
  const { items, malformed } = decodeMetrics({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
  expect(malformed).toBe(5);
  expect(items.map(({ name, value }) => [name, value])).toEqual([
    ["heat", 1.5],
    ["hits", 3],
    ["time_count", 2],
    ["time_sum", 9],
  ]);
});
