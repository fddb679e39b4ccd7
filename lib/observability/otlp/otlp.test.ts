import { createServer } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { type OtlpReceiver, startOtlpReceiver } from "../../../tests/support/otlp-receiver.ts";
import { activeSpan, inSpan, setSpanRecorder, spanRecorder } from "../span.ts";
import { testSpan } from "../test-spans.ts";
import { traceRequest } from "./encode.ts";
import { otlpSender, receiptOf } from "./send.ts";
import { startOtlp } from "./start.ts";

const recorded = {
  service: "OrderService",
  name: "POST /api/orders/",
  kind: "server",
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  parentSpanId: "00f067aa0ba902b7",
  startMs: 1_772_366_400_000.125,
  endMs: 1_772_366_400_001.5,
  attributes: {
    "http.route": "/api/orders/",
    "http.response.status_code": 500,
    sampled: true,
    share: 0.5,
    none: undefined,
  },
  failed: true,
} as const;

test("a span in OTLP's JSON", () => {
  const { parentSpanId: _, ...root } = recorded;
  const other = { ...root, parentSpanId: undefined, service: "PaymentService", failed: false };
  expect(traceRequest([recorded, other], { "process.pid": 7 })).toEqual({
    resourceSpans: [
      {
        resource: {
          attributes: [
            { key: "service.name", value: { stringValue: "OrderService" } },
            { key: "process.pid", value: { intValue: "7" } },
          ],
        },
        scopeSpans: [
          {
            scope: { name: "cfmp-order" },
            spans: [
              {
                traceId: "0af7651916cd43dd8448eb211c80319c",
                spanId: "b7ad6b7169203331",
                parentSpanId: "00f067aa0ba902b7",
                name: "POST /api/orders/",
                kind: 2,
                startTimeUnixNano: "1772366400000125000",
                endTimeUnixNano: "1772366400001500000",
                attributes: [
                  { key: "http.route", value: { stringValue: "/api/orders/" } },
                  { key: "http.response.status_code", value: { intValue: "500" } },
                  { key: "sampled", value: { boolValue: true } },
                  { key: "share", value: { doubleValue: 0.5 } },
                ],
                status: { code: 2 },
              },
            ],
          },
        ],
      },
      {
        resource: {
          attributes: [
            { key: "service.name", value: { stringValue: "PaymentService" } },
            { key: "process.pid", value: { intValue: "7" } },
          ],
        },
        scopeSpans: [
          {
            scope: { name: "cfmp-order" },
            spans: [
              expect.not.objectContaining({ parentSpanId: expect.anything(), status: expect.anything() }),
            ],
          },
        ],
      },
    ],
  });
});

test("half a character does not make a batch unreadable", () => {
  const sent = JSON.stringify(traceRequest([{ ...recorded, attributes: { half: "\ud83d" } }], {}));
  expect(sent).toContain('"key":"half","value":{"stringValue":"\ufffd"}');
});

describe("a reply of the receiver", () => {
  test.each([
    [200, undefined, "{}", { kind: "taken", rejected: 0 }],
    [
      200,
      undefined,
      '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"x"}}',
      { kind: "taken", rejected: 3 },
    ],
    [200, undefined, "\n\u0002\b\u0001", { kind: "taken", rejected: 0 }],
    [202, undefined, "", { kind: "taken", rejected: 0 }],
    [400, undefined, "", { kind: "refused", reason: "the receiver answered 400" }],
    [301, undefined, "", { kind: "refused", reason: "the receiver answered 301" }],
    [500, undefined, "", { kind: "refused", reason: "the receiver answered 500" }],
    [429, "7", "", { kind: "away", reason: "the receiver answered 429", afterMs: 7_000 }],
    [429, "0", "", { kind: "away", reason: "the receiver answered 429", afterMs: undefined }],
    [
      503,
      "Wed, 21 Oct 2015 07:28:00 GMT",
      "",
      { kind: "away", reason: "the receiver answered 503", afterMs: undefined },
    ],
    [503, "soon", "", { kind: "away", reason: "the receiver answered 503", afterMs: undefined }],
  ])("%d with Retry-After %p and %p", (status, retryAfter, text, receipt) => {
    expect(receiptOf(status, retryAfter, text)).toEqual(receipt);
  });
});

test("a receiver that does not answer is away", async () => {
  const send = otlpSender("http://127.0.0.1:9/v1/traces", {}, {});
  expect(await send([recorded])).toMatchObject({
    kind: "away",
    reason: expect.stringMatching(/^no answer: /),
  });
});

test("a header that can't be sent is not shown in the reason", async () => {
  const send = otlpSender("http://127.0.0.1:9/v1/traces", { authorization: "Bearer\nverysecret" }, {});
  expect(JSON.stringify(await send([recorded]))).not.toContain("verysecret");
});

test("a wait until a time of day is as long as until then", () => {
  const inAMinute = new Date(Date.now() + 60_000).toUTCString();
  const receipt = receiptOf(503, inAMinute, "");
  expect(receipt).toMatchObject({ kind: "away", afterMs: expect.any(Number) });
});

test("of a reply without an end only the beginning is read", async () => {
  const server = createServer((request, response) => {
    request.resume();
    const more = (): void => {
      while (response.write(" ".repeat(65_536)));
      response.once("drain", more);
    };
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  try {
    const send = otlpSender(`http://127.0.0.1:${port}/v1/traces`, {}, {});
    expect(await send([recorded])).toEqual({ kind: "taken", rejected: 0 });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

describe("started", () => {
  let receiver: OtlpReceiver | undefined;
  afterEach(async () => {
    setSpanRecorder(undefined);
    await receiver?.close();
  });

  const start = ({ url }: OtlpReceiver, sampler = "") =>
    startOtlp({ endpoint: `${url}/`, headers: "", sampler, samplerArg: "", process: { "process.pid": 1 } });

  test("it sends what is recorded", async () => {
    receiver = await startOtlpReceiver();
    start(receiver);
    const span = testSpan({ service: "TestService", name: "outer", kind: "server", attributes: { a: 1 } });
    expect(inSpan(span, activeSpan)).toBe(span);
    span?.end();
    await spanRecorder()?.flush();
    expect(receiver.spans).toEqual([
      expect.objectContaining({ service: "TestService", name: "outer", attributes: { a: 1 } }),
    ]);
  });

  test("it records the traces that the settings say", async () => {
    receiver = await startOtlpReceiver();
    start(receiver, "parentbased_always_off");
    const begin = (name: string, parent?: string) =>
      testSpan({ service: "TestService", name, kind: "server", parent });
    begin("of a caller", `00-${recorded.traceId}-${recorded.spanId}-01`)?.end();
    begin("begun here")?.end();
    await spanRecorder()?.flush();
    expect(receiver.spans.map(({ name }) => name)).toEqual(["of a caller"]);
  });
});
