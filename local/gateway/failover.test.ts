// Instances that fail behind the gateway: which other one is called, and what the client gets.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { setLogSink } from "../../lib/observability/log.ts";
import { answerWith, type Behind, bodyOf, gatewayBefore, type Reply } from "./test-behind.ts";

let behind: Behind;
const ORDERS = "OrderService";
const json = { "content-type": "application/json" };

beforeEach(async () => {
  behind = await gatewayBefore();
});

afterEach(() => behind.close());

/** An instance that answers 200 with the body and the headers it saw. */
const echo = () =>
  behind.instance(ORDERS, async (request, response) => {
    answerWith(response, { headers: request.headers, body: await bodyOf(request) });
  });

const ask = (path: string, init?: RequestInit): Promise<Reply> => fetch(behind.url + path, init);

describe("when an instance", () => {
  const post = (headers: Record<string, string> = {}) =>
    ask("/api/orders/", { method: "POST", headers: { ...json, ...headers }, body: '{"total_amount":1}' });

  /** Takes the whole request, and breaks off. */
  const breaksOff = async () => {
    let requests = 0;
    await behind.instance(ORDERS, async (request, response) => {
      await bodyOf(request);
      requests += 1;
      response.destroy();
    });
    return () => requests;
  };

  test("refuses the connection, any request goes to another", async () => {
    await behind.dead(ORDERS);
    await echo();
    expect((await ask("/api/orders/")).status).toBe(200);
    await behind.close();
    behind = await gatewayBefore();
    await behind.dead(ORDERS);
    await echo();
    const reply = await post();
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({
      body: '{"total_amount":1}',
      headers: { "cfmp-target-instance": "OrderService 1" },
    });
  });

  test.each([
    ["GET", "/api/orders/", undefined, {}],
    ["HEAD", "/api/orders/", undefined, {}],
    ["PUT", "/api/orders/0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47/", '{"remark":"x"}', {}],
    ["DELETE", "/api/orders/0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47/", undefined, {}],
    ["POST", "/api/orders/", '{"total_amount":1}', { "idempotency-key": "k" }],
  ])("breaks off, a %s goes to another, whole", async (method, path, body, headers) => {
    const requests = await breaksOff();
    await echo();
    const reply = await ask(path, { method, headers: { ...json, ...headers }, ...(body ? { body } : {}) });
    expect(reply.status).toBe(200);
    expect(requests()).toBe(1);
    if (method !== "HEAD") expect((await reply.json()).body).toBe(body ?? "");
  });

  test("breaks off, a POST without a key does not go to another, and the client gets an error", async () => {
    const requests = await breaksOff();
    let others = 0;
    await behind.instance(ORDERS, () => {
      others += 1;
    });
    const reply = await post();
    expect([reply.status, requests(), others]).toEqual([502, 1, 0]);
    expect(await reply.json()).toMatchObject({ code: "reply_lost", trace_id: expect.any(String) });
  });

  test("breaks off, a key where the route takes none makes nothing safe", async () => {
    const requests = await breaksOff();
    await echo();
    const path = "/api/orders/0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47/complete/";
    expect((await ask(path, { method: "POST", headers: { "idempotency-key": "k" } })).status).toBe(502);
    expect(requests()).toBe(1);
  });

  test("says that another was meant, any request goes to another", async () => {
    await behind.instance(ORDERS, (_, response) => answerWith(response, {}, 421));
    await echo();
    expect((await post()).status).toBe(200);
  });

  test("cannot serve now, what may be repeated goes to another, and else its own words come back", async () => {
    await behind.instance(ORDERS, (_, response) => {
      response.writeHead(503, { ...json, "retry-after": "7" }).end('{"code":"draining"}');
    });
    await behind.instance(ORDERS, (_, response) => answerWith(response, {}));
    expect((await ask("/api/orders/")).status).toBe(200);
    await behind.close();
    behind = await gatewayBefore();
    await behind.instance(ORDERS, (_, response) => {
      response.writeHead(503, { ...json, "retry-after": "7" }).end('{"code":"draining"}');
    });
    const reply = await ask("/api/orders/");
    expect([reply.status, reply.headers.get("retry-after"), await reply.json()]).toEqual([
      503,
      "7",
      { code: "draining" },
    ]);
    // It is in its cool-down, and there is no other.
    const next = await ask("/api/orders/");
    expect([next.status, next.headers.get("retry-after")]).toEqual([503, "7"]);
    expect(await next.json()).toMatchObject({ code: "service_unavailable" });
  });

  test("is not there at all, the client is told when to retry", async () => {
    const reply = await ask("/api/orders/");
    expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await reply.json()).toMatchObject({ code: "service_unavailable" });
  });

  test("is not there at all, the log has the path and not the query, which may hold a token", async () => {
    const lines: string[] = [];
    const before = globalThis.cfmpOrderLogSink;
    setLogSink((_, line) => lines.push(line));
    await ask("/api/orders/alice@shop.example/?token=x1");
    globalThis.cfmpOrderLogSink = before;
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: "warn", code: "service_unavailable", path: "/api/orders/_/" }),
    ]);
    expect(lines.join("")).not.toMatch(/x1|alice/);
  });

  test("works for a client that has disconnected, its work is ended", async () => {
    const left = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    await behind.instance(ORDERS, (request) => {
      request.socket.once("close", () => left.resolve());
      begun.resolve();
    });
    const client = new AbortController();
    const gone = ask("/api/orders/", { signal: client.signal }).catch(() => "gone");
    await begun.promise;
    client.abort();
    expect(await gone).toBe("gone");
    await left.promise;
  });
});
