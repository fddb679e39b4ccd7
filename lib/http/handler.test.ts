import { afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { PeerRefusal } from "../contract/client.ts";
import { conflict, invalidValue } from "../core/domain-error.ts";
import { PeerUnavailable } from "../discovery/peer/peer.ts";
import { setMeter } from "../observability/meter.ts";
import { silentMeter } from "../observability/test-meter.ts";
import { platform } from "../platform/platform.ts";
import { SCHEMA_UNKNOWN, StorageContention, StorageFault, StorageUnavailable } from "../storage/errors.ts";
import { pagesOf } from "./cursor.ts";
import { MAX_BODY_BYTES } from "./event-body.ts";
import { type HttpHandler, httpHandler } from "./handler.ts";
import { reply } from "./reply.ts";
import { context, httpEvent, send, type TestRequest, things } from "./test-things.ts";

beforeAll(() => {
  Object.assign(process.env, {
    SECRET_KEY: "a secret of this test alone",
    DEBUG: "True",
    CFMP_INSTANCE: "i-1",
  });
});

const { createThing, listThings, updateThing, receive, readInternal } = things.routes;
const creating: HttpHandler = httpHandler(things, createThing, async ({ body }) =>
  reply(201, { name: body.name }),
);
const listing = httpHandler(things, listThings, async ({ query }) =>
  reply(200, { name: `${pagesOf([new Uint8Array(32)], [], query).limit}` }),
);
const updating = httpHandler(things, updateThing, async ({ params, precondition }) =>
  reply(200, { name: `${params.id} ${["2", "3", "4"].filter((tag) => precondition.allowsChange(tag))}` }),
);
const receiving = httpHandler(things, receive, async ({ rawBody }) => reply(200, { name: rawBody }));
const internal = httpHandler(things, readInternal, async ({ caller }) =>
  reply(200, { name: caller.kind === "service" ? caller.name : "" }),
);
const throwing = (error: unknown) =>
  httpHandler(things, createThing, async () => {
    throw error;
  });

/** From now on it is always the same time, which is returned. */
function stopTheClock(): number {
  const now = Math.round(performance.now());
  jest.spyOn(performance, "now").mockReturnValue(now);
  return now;
}
afterEach(() => {
  jest.restoreAllMocks();
});

const good: TestRequest = { body: { name: "tea" } };

describe("a good request", () => {
  test("gets what the handler answers, as JSON that nobody keeps or sniffs", async () => {
    expect(await send(creating, good)).toMatchObject({
      status: 201,
      body: { name: "tea" },
      headers: {
        "content-type": "application/json",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-request-id": "request-1",
      },
    });
  });

  test("is answered in readable texts, whatever was stored", async () => {
    const showing = httpHandler(things, createThing, async () => reply(201, { name: "pay\u202e001\u009b" }));
    expect((await send(showing, good)).body).toEqual({ name: "pay\uFFFD001\uFFFD" });
  });

  test("may come encoded in base64, in any script", async () => {
    const body = Buffer.from(JSON.stringify({ name: "张三 🙂" })).toString("base64");
    expect((await send(creating, { body, base64: true })).body).toEqual({ name: "张三 🙂" });
  });

  test.each(["application/json; charset=utf-8", "application/merge-patch+json", "APPLICATION/JSON"])(
    "may say that it is %s",
    async (type) => {
      expect((await send(creating, { ...good, headers: { "content-type": type } })).status).toBe(201);
    },
  );

  test("continues its caller's trace, in a span of its own", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const { headers } = await send(creating, { ...good, headers: { traceparent } });
    expect(headers["traceparent"]).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(headers["traceparent"]).not.toBe(traceparent);
  });

  test.each(["", "nonsense", "00-00000000000000000000000000000000-b7ad6b7169203331-01"])(
    "begins a trace where the caller's is %p",
    async (traceparent) => {
      const { headers } = await send(creating, { ...good, headers: { traceparent } });
      expect(headers["traceparent"]).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    },
  );
});

describe("a refusal", () => {
  test("is a problem document under the trace of its request", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const { status, headers, body } = await send(throwing(conflict("thing_taken", "It is taken.")), {
      ...good,
      headers: { traceparent },
    });
    expect(status).toBe(409);
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(body).toEqual({
      type: "about:blank",
      title: "Conflict",
      status: 409,
      code: "thing_taken",
      detail: "It is taken.",
      trace_id: "0af7651916cd43dd8448eb211c80319c",
    });
  });

  test.each<[string, unknown, number, string]>([
    ["a rule", invalidValue("x", "No."), 422, "x"],
    ["a database away", new StorageUnavailable("GetItem", undefined), 503, "storage_unavailable"],
    ["too many changes", new StorageContention("id-1"), 503, "too_many_changes"],
    [
      "a peer away",
      new PeerUnavailable("OrderService", "none", { maybeSent: false }),
      503,
      "peer_unavailable",
    ],
    ["a peer in trouble", new PeerRefusal("OrderService", 503, "x", "y"), 503, "peer_unavailable"],
    [
      "a peer that takes no such token",
      new PeerRefusal("OrderService", 401, "x", "y"),
      503,
      "peer_unavailable",
    ],
    [
      "a peer that wants other callers",
      new PeerRefusal("OrderService", 403, "x", "y"),
      503,
      "peer_unavailable",
    ],
    [
      "an item that a later version wrote",
      new StorageFault("read", SCHEMA_UNKNOWN, "schema 9"),
      503,
      "written_by_later_version",
    ],
    ["a peer too busy", new PeerRefusal("OrderService", 429, "x", "y"), 503, "peer_unavailable"],
  ])("by %s", async (_, error, status, code) => {
    const answer = await send(throwing(error), good);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers["retry-after"]).toBe(status === 503 ? "1" : undefined);
  });

  test.each([
    new PeerUnavailable("OrderService", "all in their cool-down", { maybeSent: false, retryAfterMs: 2_100 }),
    new PeerRefusal("OrderService", 503, "busy", "Later.", 3),
  ])("by a peer that says when to come back: $message", async (error) => {
    const { headers } = await send(throwing(error), good);
    // And this instance itself needs no cool-down for it.
    expect(headers).toMatchObject({ "retry-after": "3", "cfmp-retry-scope": "request" });
  });

  test.each<[string, unknown]>([
    ["an Error", new Error("password=hunter2 at /srv/app.ts:7")],
    ["a fault of the tables", new StorageFault("PutItem", "ValidationException", "hunter2")],
    ["a peer's refusal that nobody expected", new PeerRefusal("OrderService", 404, "hunter2", "hunter2")],
    ["a string", "hunter2"],
    ["undefined", undefined],
  ])("by %s says nothing of the inside", async (_, error) => {
    const written = process.stderr.write;
    process.stderr.write = () => true;
    const answer = await send(throwing(error), good).finally(() => {
      process.stderr.write = written;
    });
    expect([answer.status, answer.body.code]).toEqual([500, "internal_error"]);
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|\.ts|Error:/);
  });
});

describe("a method", () => {
  test("that the path does not take is a 405, before anybody is asked who they are", async () => {
    const answer = await send(creating, { method: "PATCH", headers: { uuid: "" } });
    expect([answer.status, answer.body.code, answer.headers["allow"]]).toEqual([
      405,
      "method_not_allowed",
      "POST, GET",
    ]);
  });

  test("HEAD is taken where GET is, and nowhere else", async () => {
    expect((await send(listing, { method: "HEAD" })).status).toBe(200);
    expect((await send(creating, { method: "HEAD" })).status).toBe(405);
  });
});

describe("a bad body", () => {
  const base64 = (bytes: readonly number[]) => ({
    body: Buffer.from(bytes).toString("base64"),
    base64: true,
  });

  test.each<[string, TestRequest, number, string]>([
    ["malformed JSON", { body: '{"name":' }, 400, "json_malformed"],
    ["NaN", { body: '{"name":NaN}' }, 400, "json_malformed"],
    ["a BOM in front", { body: '\uFEFF{"name":"tea"}' }, 400, "json_malformed"],
    ["bytes that are not UTF-8", base64([0x7b, 0xff, 0xfe, 0x7d]), 400, "body_not_utf8"],
    ["another type", { ...good, headers: { "content-type": "text/plain" } }, 415, "json_expected"],
    [
      "a type that only begins like JSON",
      { ...good, headers: { "content-type": "application/jsonx" } },
      415,
      "json_expected",
    ],
    ...["gzip", "br", "GZIP", "deflate, gzip", "identity, gzip", "aes128gcm"].map(
      (coding): [string, TestRequest, number, string] => [
        `the coding ${coding}`,
        { ...good, headers: { "content-encoding": coding } },
        415,
        "content_coding_unknown",
      ],
    ),
    ["nothing", {}, 422, "body_invalid"],
    ["null", { body: "null" }, 422, "body_invalid"],
    ["a list", { body: [] }, 422, "body_invalid"],
    ["a number for a text", { body: { name: 7 } }, 422, "body_invalid"],
    ["an unknown field", { body: { name: "tea", admin: true } }, 422, "body_invalid"],
    ["a field called __proto__", { body: '{"name":"tea","__proto__":{"admin":true}}' }, 422, "body_invalid"],
    ["a field called constructor", { body: '{"name":"tea","constructor":{}}' }, 422, "body_invalid"],
    ["blank text", { body: { name: " \n" } }, 422, "body_invalid"],
    ["control characters", { body: { name: "a\u0000b" } }, 422, "body_invalid"],
    ["half a character", { body: '{"name":"\\ud800"}' }, 422, "body_invalid"],
    ["too long a text", { body: { name: "a".repeat(11) } }, 422, "body_invalid"],
    ["lists 50,000 deep", { body: `${"[".repeat(50_000)}${"]".repeat(50_000)}` }, 422, "body_invalid"],
    [
      "objects 50,000 deep",
      { body: `${'{"name":'.repeat(50_000)}1${"}".repeat(50_000)}` },
      422,
      "body_invalid",
    ],
  ])("with %s is refused", async (_, request, status, code) => {
    const answer = await send(creating, request);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test("of PUT that is missing replaces nothing", async () => {
    const answer = await send(updating, {
      method: "PUT",
      params: { id: "0192f5b0-0000-7000-8000-000000000001" },
    });
    expect([answer.status, answer.body.code]).toEqual([400, "body_missing"]);
  });

  test("that is compressed is refused with the coding that is accepted", async () => {
    const answer = await send(creating, { ...good, headers: { "content-encoding": "gzip" } });
    expect(answer.headers).toMatchObject({ "accept-encoding": "identity" });
  });

  test.each(["identity", "Identity", ""])("with the coding %j is taken as it is", async (coding) => {
    const answer = await send(creating, { ...good, headers: { "content-encoding": coding } });
    expect(answer.status).toBe(201);
  });

  test("names each wrong field, 20 at most", async () => {
    const { body } = await send(creating, { body: { name: 1, tags: Array.from({ length: 100 }, () => 1) } });
    expect(body.errors).toHaveLength(20);
    expect(body.errors[0]).toEqual({ path: "name", message: expect.any(String) });
    expect(body.errors[1]).toMatchObject({ path: "tags.0" });
  });

  test("changes no prototype", async () => {
    await send(creating, { body: '{"name":"tea","__proto__":{"polluted":true}}' });
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test.each([false, true])(
    "of one byte too much is refused before it is read, base64 %p",
    async (encoded) => {
      const fitting = "x".repeat(MAX_BODY_BYTES);
      const as = (text: string) =>
        encoded ? { body: Buffer.from(text).toString("base64"), base64: true } : { body: text };
      expect((await send(receiving, as(fitting))).body.name).toHaveLength(MAX_BODY_BYTES);
      expect(await send(receiving, as(`${fitting}x`))).toMatchObject({
        status: 413,
        body: { code: "body_too_large" },
      });
    },
  );

  test("is counted in bytes, not in characters", async () => {
    expect((await send(receiving, { body: "张".repeat(MAX_BODY_BYTES / 2) })).status).toBe(413);
  });
});

describe("parameters", () => {
  const id = "0190a000-0000-7000-8000-000000000001";

  test.each(["", "1", "not-a-uuid", `${id}0`, "../secrets", "' OR 1=1"])(
    "an id of %p is a 404",
    async (broken) => {
      const answer = await send(updating, { method: "PUT", params: { id: broken }, body: {} });
      expect([answer.status, answer.body.code]).toEqual([404, "not_found"]);
    },
  );

  test.each(["0", "101", "-1", "1.5", "ten", "", " ", "1e1", "0x10", "+5", "10,20", "9".repeat(30)])(
    "a limit of %p is a 422",
    async (limit) => {
      const answer = await send(listing, { method: "GET", query: { limit } });
      expect([answer.status, answer.body.code]).toEqual([422, "query_invalid"]);
    },
  );

  test("a limit is 10 unless it is given", async () => {
    expect((await send(listing, { method: "GET" })).body.name).toBe("10");
    expect((await send(listing, { method: "GET", query: { limit: "100" } })).body.name).toBe("100");
  });

  test("an unknown query parameter is a 422", async () => {
    expect((await send(listing, { method: "GET", query: { offset: "3" } })).status).toBe(422);
  });

  test.each([
    [{ "if-match": '"3"' }, "3"],
    [{ "if-match": '"3", W/"4", "2"' }, "2,3"],
    [{ "if-match": 'W/"3"' }, ""],
    [{ "if-match": "*" }, "2,3,4"],
    [{ "if-none-match": 'W/"3"' }, "2,4"],
    [{ "if-none-match": "*" }, ""],
    [{ "if-match": '"2", "3"', "if-none-match": '"3"' }, "2"],
    [{}, "2,3,4"],
  ])("%j: a change may be based on the tags %s", async (headers, tags) => {
    const answer = await send(updating, { method: "PUT", params: { id }, body: {}, headers });
    expect(answer.body.name).toBe(`${id} ${tags}`);
  });

  test.each(["3", '"3" "4"', '"3", *', ""])("an If-Match of %p is a 400", async (header) => {
    const headers = { "if-match": header };
    const answer = await send(updating, { method: "PUT", params: { id }, body: {}, headers });
    expect([answer.status, answer.body.code]).toEqual([400, "if_match_invalid"]);
  });

  test.each(["", "a b", "ключ", "k".repeat(256), "a\tb"])(
    "an Idempotency-Key of %p is a 400",
    async (key) => {
      const answer = await send(creating, { ...good, headers: { "idempotency-key": key } });
      expect([answer.status, answer.body.code]).toEqual([400, "idempotency_key_invalid"]);
    },
  );
});

describe("who is meant", () => {
  test.each([{ "cfmp-target-service": "OtherService" }, { "cfmp-target-instance": "i-2" }])(
    "not this one: %j",
    async (headers) => {
      const answer = await send(creating, { ...good, headers });
      expect([answer.status, answer.body.code]).toEqual([421, "misdirected"]);
    },
  );

  test("this one", async () => {
    const headers = { "cfmp-target-service": "ThingService", "cfmp-target-instance": "i-1" };
    expect((await send(creating, { ...good, headers })).status).toBe(201);
  });

  test("an internal route takes a service's token", async () => {
    const token = await platform().tokens.mintService("OrderService", "ThingService");
    const headers = { authorization: `Bearer ${token}` };
    expect((await send(internal, { method: "GET", headers })).body).toEqual({ name: "OrderService" });
    expect((await send(internal, { method: "GET" })).status).toBe(401);
  });
});

describe("the deadline", () => {
  const never = httpHandler(things, createThing, () => new Promise(() => {}));

  test("ends a request that takes too long with a 503", async () => {
    const headers = { "cfmp-timeout": "30" };
    expect(await send(never, { ...good, headers })).toMatchObject({
      status: 503,
      body: { code: "deadline_exceeded" },
      headers: { "retry-after": "1" },
    });
  });

  test.each([
    [5_000, 4_900],
    [300, 270],
  ])("%d ms away leaves the reply time to get back", async (away, forTheWork) => {
    const handler = httpHandler(things, createThing, async ({ scope }) =>
      reply(201, { name: String(scope.deadline) }),
    );
    const now = stopTheClock();
    const { body } = await send(handler, { ...good, headers: { "cfmp-timeout": String(away) } });
    expect(Number(body.name) - now).toBe(forTheWork);
  });

  test("that has passed already lets nothing begin", async () => {
    let begun = false;
    const handler = httpHandler(things, createThing, async () => {
      begun = true;
      return reply(201, { name: "" });
    });
    const answer = await send(handler, { ...good, headers: { "cfmp-timeout": "0" } });
    expect([answer.status, begun]).toEqual([503, false]);
  });

  test.each(["", "soon", "-1", "1e9", "Infinity", "3600000"])(
    "of %p can't be had: ten seconds at most",
    async (timeout) => {
      const handler = httpHandler(things, createThing, async ({ scope }) =>
        reply(201, { name: String(scope.deadline) }),
      );
      const now = stopTheClock();
      const { body } = await send(handler, { ...good, headers: { "cfmp-timeout": timeout } });
      expect(Number(body.name) - now).toBe(10_000);
    },
  );
});

test("an event without a body, query or parameters is an empty request", async () => {
  const event = httpEvent({ method: "GET" });
  expect((await listing(event, context)).statusCode).toBe(200);
});

describe("a route that takes turns", () => {
  const TURNS_AND_LINE = 2 + 32;

  /** A list whose work goes on until it is let go. */
  function slowList() {
    const gate = Promise.withResolvers<void>();
    const begun: string[] = [];
    const handler = httpHandler(things, { ...listThings, takesTurns: true }, async ({ user, scope }) => {
      begun.push(user.id);
      const { promise: left, reject } = Promise.withResolvers<never>();
      scope.signal.addEventListener("abort", () => reject(scope.signal.reason));
      await Promise.race([gate.promise, left]);
      return reply(200, { name: user.id });
    });
    const ask = (uuid: string, headers: Readonly<Record<string, string>> = {}) =>
      send(handler, { method: "GET", headers: { uuid, ...headers } });
    return { ask, begun, letGo: () => gate.resolve() };
  }

  test("is worked on twice at once for one user; who finds no place in line gets 429; others do not wait", async () => {
    const { ask, begun, letGo } = slowList();
    const replies = Array.from({ length: TURNS_AND_LINE }, () => ask("ann"));
    await until("two are under way", () => begun.length === 2);
    const refused = await ask("ann");
    expect([refused.status, refused.body.code]).toEqual([429, "too_many_at_once"]);
    expect(refused.headers["retry-after"]).toBe("1");
    const bobs = ask("bob");
    await until("bob's is under way", () => begun.includes("bob"));
    expect(begun.filter((name) => name === "ann")).toHaveLength(2);
    letGo();
    expect((await bobs).status).toBe(200);
    expect(new Set((await Promise.all(replies)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(begun.filter((name) => name === "ann")).toHaveLength(TURNS_AND_LINE);
  });

  test("who waits no longer gives up the place, whether in work or in line", async () => {
    const { ask, letGo } = slowList();
    const impatient = await Promise.all(
      Array.from({ length: TURNS_AND_LINE }, () => ask("cat", { "cfmp-timeout": "100" })),
    );
    expect(new Set(impatient.map(({ body }) => body.code))).toEqual(new Set(["deadline_exceeded"]));
    letGo();
    expect((await ask("cat")).status).toBe(200);
  });
});

test("when the client hangs up, the request's signal is aborted, and it has not failed", async () => {
  const hangUps: (() => void)[] = [];
  const handler = httpHandler(things, listThings, async ({ scope }) => {
    for (const hangUp of hangUps) hangUp();
    scope.signal.throwIfAborted();
    return reply(200, { name: "" });
  });
  const statuses: number[] = [];
  setMeter({ ...silentMeter, request: (_service, _route, _method, status) => void statuses.push(status) });
  const waiting = { ...context, onHangUp: (listener: () => void) => hangUps.push(listener) };
  const result = await handler(httpEvent({ method: "GET" }), waiting);
  setMeter(undefined);
  expect(statuses).toEqual([499]);
  expect(JSON.parse(result.body ?? "")).toMatchObject({ status: 499, code: "caller_gone" });
});
