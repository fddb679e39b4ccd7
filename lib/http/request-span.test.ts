import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { unavailable } from "../core/domain-error.ts";
import { type RecordedSpan, setSpanRecorder } from "../observability/span.ts";
import { forgetSpans, recordSpans } from "../observability/test-spans.ts";
import { setTraffic } from "../observability/traffic.ts";
import { type HttpHandler, httpHandler } from "./handler.ts";
import { reply } from "./reply.ts";
import { send, things } from "./test-things.ts";

const ORDER = "0197b5a0-0000-7000-8000-000000000001";
const THING = "0197b5a0-0000-7000-8000-000000000002";
const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

beforeAll(() => {
  Object.assign(process.env, { SECRET_KEY: "a secret of this test alone", DEBUG: "True" });
});

let spans: readonly RecordedSpan[];
beforeEach(() => {
  spans = recordSpans();
});
afterEach(forgetSpans);

const { createThing } = things.routes;
const creating: HttpHandler = httpHandler(things, createThing, async ({ body }) => ({
  ...reply(201, { name: body.name }),
  body: { name: body.name, id: THING, order_id: ORDER, trade_id: "a name" },
}));
const good = { body: { name: "tea for 张三" } };

describe("a request", () => {
  test("is a span below its caller's, with the ids it is about and no texts", async () => {
    const { headers } = await send(creating, { ...good, headers: { traceparent: PARENT, uuid: "u-1" } });
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      service: things.service,
      kind: "server",
      name: `POST ${createThing.path}`,
      traceId: PARENT.slice(3, 35),
      parentSpanId: PARENT.slice(36, 52),
      failed: false,
      attributes: {
        "http.request.method": "POST",
        "http.route": createThing.path,
        "http.response.status_code": 201,
        "user.id": "u-1",
        "cfmp.order.id": ORDER,
      },
    });
    expect(Object.values(spans[0]?.attributes ?? {})).toContain(THING);
    expect(JSON.stringify(spans)).not.toMatch(/tea|张三|a name/);
    expect(String(headers["traceparent"]).slice(36, 52)).toBe(spans[0]?.spanId);
  });

  test("of somebody whose id is an address does not show it", async () => {
    await send(creating, { ...good, headers: { uuid: "alice@shop.example" } });
    expect(spans[0]?.attributes).not.toHaveProperty(["user.id"]);
  });

  test.each([
    ["https", "https"],
    ["http", "http"],
    [undefined, "http"],
    ["alice@shop.example", "http"],
  ])(
    "whose proxy says that it came by %p came by %s: the header may hold anything",
    async (given, scheme) => {
      const headers = { uuid: "u-1", ...(given === undefined ? {} : { "x-forwarded-proto": given }) };
      await send(creating, { ...good, headers });
      expect(spans[0]?.attributes["url.scheme"]).toBe(scheme);
    },
  );

  test("that fails shows its code; one that is refused has not failed", async () => {
    const failing = httpHandler(things, createThing, async () => {
      throw unavailable("storage_unavailable", "no");
    });
    await send(failing, good);
    await send(creating, { body: {} });
    expect(spans.map(({ failed, attributes }) => [failed, attributes["http.response.status_code"]])).toEqual([
      [true, 503],
      [false, 422],
    ]);
    expect(spans[0]?.attributes["error.type"]).toBe("storage_unavailable");
  });

  test("names its path, but nothing in it that may be an address or a name", async () => {
    await send(creating, { ...good, path: `/api/things/${THING}/` });
    await send(creating, { ...good, path: "/api/things/alice@shop.example/" });
    expect(spans.map(({ attributes }) => attributes["url.path"])).toEqual([
      `/api/things/${THING}/`,
      "/api/things/_/",
    ]);
  });

  test("whose caller does not want its trace recorded is none", async () => {
    const { headers } = await send(creating, {
      ...good,
      headers: { traceparent: PARENT.replace(/01$/, "00") },
    });
    expect(spans).toEqual([]);
    expect(headers["traceparent"]).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[\da-f]{16}-00$/);
  });
});

test("who counts requests is told of what they are about, also where there are no spans", async () => {
  const told: unknown[] = [];
  setTraffic({
    served: (_, request) => void told.push([request.name, request.status, request.idOf("order")]),
    called() {},
    asked() {},
  });
  try {
    const headers = { traceparent: PARENT.replace(/01$/, "00") };
    await send(creating, { ...good, headers });
    await send(creating, { body: {}, headers });
    await send(creating, { ...good, headers: { traceparent: PARENT } });
    const name = `POST ${createThing.path}`;
    expect(told).toEqual([
      [name, 201, ORDER],
      [name, 422, undefined],
      [name, 201, ORDER],
    ]);
  } finally {
    setTraffic(undefined);
  }
});

test("a function on AWS replies after its spans are sent: then it is frozen", async () => {
  process.env["AWS_LAMBDA_FUNCTION_NAME"] = "shop-things-createThing";
  try {
    const happened: string[] = [];
    setSpanRecorder({
      record: ({ name }) => void happened.push(name),
      async flush() {
        await new Promise((resolve) => setImmediate(resolve));
        happened.push("flushed");
      },
    });
    const handler = httpHandler(things, createThing, async () => {
      throw unavailable("storage_unavailable", "no");
    });
    await send(handler, good);
    expect(happened).toEqual([`POST ${createThing.path}`, "flushed"]);
  } finally {
    delete process.env["AWS_LAMBDA_FUNCTION_NAME"];
  }
});
