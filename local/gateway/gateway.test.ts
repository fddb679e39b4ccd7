// The gateway before instances that fail on demand: which one is called, what it receives, what the client gets.

import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { setMeter } from "../../lib/observability/meter.ts";
import { silentMeter } from "../../lib/observability/test-meter.ts";
import { forgetSpans, recordSpans } from "../../lib/observability/test-spans.ts";
import { until } from "../../tests/support/poll.ts";
import { answerWith, type Behind, bodyOf, gatewayBefore, type Reply } from "./test-behind.ts";

let behind: Behind;
const ORDERS = "OrderService";
const json = { "content-type": "application/json" };

beforeEach(async () => {
  behind = await gatewayBefore();
});

afterEach(() => behind.close());

/** An instance of `service` that answers 200 with what it saw. */
const echo = (service = ORDERS) =>
  behind.instance(service, async (request, response) => {
    const { method, url, headers } = request;
    answerWith(response, { method, url, headers, service, body: await bodyOf(request) });
  });

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly service: string;
  readonly body: string;
}

const ask = (path: string, init?: RequestInit): Promise<Reply> => fetch(behind.url + path, init);
const seenBy = async (path: string, init?: RequestInit): Promise<Seen> => {
  const reply = await ask(path, init);
  return JSON.parse(await reply.text());
};

describe("a request goes", () => {
  test("to the service whose route it is, with its query and body", async () => {
    await echo("OrderService");
    await echo("PaymentService");
    await echo("NotificationService");
    expect(await seenBy("/api/orders/?limit=2&status=paid")).toMatchObject({
      service: "OrderService",
      method: "GET",
      url: "/api/orders/?limit=2&status=paid",
    });
    const post = { method: "POST", headers: json, body: '{"a":1}' };
    expect(await seenBy("/api/payments", post)).toMatchObject({
      service: "PaymentService",
      method: "POST",
      url: "/api/payments",
      body: '{"a":1}',
    });
    expect((await seenBy("/api/notifications/unread-count/")).service).toBe("NotificationService");
  });

  test("without its prefix where services have the same path", async () => {
    await echo("PaymentService");
    expect((await seenBy("/payments/health/")).url).toBe("/health/");
  });

  test.each([
    ["/nowhere/", 404],
    ["/", 404],
    ["/internal/orders/0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47/", 404],
    ["/%69nternal/orders/x/", 404],
    ["//internal/orders/x/", 404],
    ["/api/orders/%2e%2e/%2e%2e/internal/orders/x/", 404],
    ["/api/orders/../../internal/notifications/", 404],
  ])("nowhere if it is none of theirs: %s", async (path, status) => {
    await echo("OrderService");
    await echo("NotificationService");
    const reply = await raw(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(reply).toContain("application/problem+json");
  });

  test("nowhere if its method is none of the path's, which is said", async () => {
    const reply = await ask("/api/orders/stats/", { method: "PUT" });
    expect([reply.status, reply.headers.get("allow")]).toEqual([405, "GET"]);
    expect(await reply.json()).toMatchObject({ code: "method_not_allowed" });
  });

  test("nowhere if it is a route of DEBUG's and DEBUG is off", async () => {
    const path = "/api/payments/0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47/simulate/";
    await echo("PaymentService");
    expect((await ask(path, { method: "POST" })).status).toBe(200);
    await behind.close();
    behind = await gatewayBefore({ DEBUG: false });
    expect((await ask(path, { method: "POST" })).status).toBe(404);
  });

  test("nowhere if its host name is not served", async () => {
    await behind.close();
    behind = await gatewayBefore({ DEBUG: false, ALLOWED_HOSTS: ["shop.example"] });
    await echo();
    const answer = (host: string) =>
      raw(`GET /api/orders/ HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    expect(await answer("evil.example")).toMatch(/^HTTP\/1.1 400 .*host_not_allowed/s);
    expect(await answer("shop.example")).toMatch(/^HTTP\/1.1 200 /);
  });

  test("nowhere if its body is larger than a service takes", async () => {
    await echo();
    const head = `POST /api/orders/ HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${11 * 1024 * 1024}\r\n\r\n`;
    expect(await raw(head)).toMatch(/^HTTP\/1.1 413 .*body_too_large/s);
  });
});

describe("a service sees", () => {
  test("who sent the request, by which protocol, to which host", async () => {
    await echo();
    const host = `127.0.0.1:${behind.gateway.port}`;
    const { headers } = await seenBy("/api/orders/");
    expect(headers).toMatchObject({
      host,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": host,
      forwarded: `for=127.0.0.1;host="${host}";proto=http`,
      via: "1.1 cfmp-order",
      "cfmp-target-service": ORDERS,
      "cfmp-target-instance": "OrderService 0",
    });
  });

  test("the client's trace, or a new one that the client gets as well", async () => {
    await echo();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    expect((await seenBy("/api/orders/", { headers: { traceparent } })).headers["traceparent"]).toBe(
      traceparent,
    );
    expect((await seenBy("/api/orders/")).headers["traceparent"]).toMatch(
      /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/,
    );
    const refused = await ask("/nowhere/", { headers: { traceparent } });
    expect((await refused.json()).trace_id).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
  });

  test("nothing that is between client and gateway alone, nor what only services say to each other", async () => {
    await echo();
    const reply = await raw(
      [
        "GET /api/orders/ HTTP/1.1",
        "host: localhost",
        "connection: close, x-mine",
        "x-mine: 1",
        "te: trailers",
        "proxy-authorization: Basic x",
        "cfmp-timeout: 1",
        "cfmp-target-instance: another",
        "x-yours: 2",
        "\r\n",
      ].join("\r\n"),
    );
    const { headers }: Seen = JSON.parse(reply.slice(reply.indexOf("{"), reply.lastIndexOf("}") + 1));
    expect(headers["x-yours"]).toBe("2");
    for (const name of ["x-mine", "te", "proxy-authorization"]) expect(headers[name]).toBeUndefined();
    expect(Number(headers["cfmp-timeout"])).toBeGreaterThan(1_000);
    expect(headers["cfmp-target-instance"]).toBe("OrderService 0");
  });
});

describe("a client gets", () => {
  test("status and headers as the service gave them, without those of its connection", async () => {
    await behind.instance(ORDERS, (_, response) => {
      response.writeHead(
        201,
        [
          ["ETag", '"3"'],
          ["Set-Cookie", "a=1"],
          ["Set-Cookie", "b=2"],
          ["Keep-Alive", "timeout=77"],
          ["cfmp-retry-scope", "request"],
        ].flat(),
      );
      response.end("{}");
    });
    const reply = await ask("/api/orders/");
    expect(reply.status).toBe(201);
    expect(reply.headers.get("etag")).toBe('"3"');
    expect(reply.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(reply.headers.get("keep-alive")).not.toBe("timeout=77");
    expect(reply.headers.get("cfmp-retry-scope")).toBeNull();
  });

  test("replies without a body as such", async () => {
    await behind.instance(ORDERS, (request, response) => {
      response.writeHead(
        request.method === "DELETE" ? 204 : 200,
        request.method === "HEAD" ? { "content-length": 7 } : {},
      );
      response.end();
    });
    const path = "/api/orders/0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47/";
    const replies = [await ask(path, { method: "DELETE" }), await ask(path, { method: "HEAD" })];
    expect(replies.map(({ status }) => status)).toEqual([204, 200]);
    expect(replies[1]?.headers.get("content-length")).toBe("7");
    expect(await Promise.all(replies.map((reply) => reply.text()))).toEqual(["", ""]);
  });

  test("a reply as it comes, not when it is whole", async () => {
    const ended = Promise.withResolvers<void>();
    await behind.instance(ORDERS, async (_, response) => {
      response.write("first");
      await ended.promise;
      response.end("last");
    });
    const reply = await ask("/api/orders/");
    const reader = reply.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("first");
    ended.resolve();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("last");
  });

  test("a broken connection when a reply breaks off, so that half of it is not taken for all", async () => {
    await behind.instance(ORDERS, (_, response) => {
      response.writeHead(200, { "content-length": 100 }).write("half", () => response.destroy());
    });
    const reply = await ask("/api/orders/");
    await expect(reply.text()).rejects.toThrow();
  });
});

describe("a body", () => {
  test("that is large reaches the service while the client still sends it", async () => {
    const begun = Promise.withResolvers<void>();
    await behind.instance(ORDERS, async (request, response) => {
      request.once("data", () => begun.resolve());
      answerWith(response, (await bodyOf(request)).length);
    });
    const client = httpRequest(`${behind.url}/api/orders/`, { method: "POST", headers: json });
    client.write("x".repeat(200_000));
    await begun.promise;
    client.end("y".repeat(300_000));
    const [reply]: [IncomingMessage] = await once(client, "response").then(([message]) => [message]);
    expect(await bodyOf(reply)).toBe("500000");
  });

  test("that is small and came without a length has one for the service", async () => {
    await echo();
    const client = httpRequest(`${behind.url}/api/orders/`, { method: "POST", headers: json });
    client.write('{"a":');
    client.end("1}");
    const [reply] = await once(client, "response");
    const { headers, body }: Seen = JSON.parse(await bodyOf(reply));
    expect([headers["content-length"], headers["transfer-encoding"], body]).toEqual([
      "7",
      undefined,
      '{"a":1}',
    ]);
  });
});

test("closing lets what is under way end, and takes nothing new", async () => {
  const answer = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  await behind.instance(ORDERS, async (_, response) => {
    begun.resolve();
    await answer.promise;
    answerWith(response, {});
  });
  const waiting = ask("/api/orders/");
  await begun.promise;
  const closing = behind.gateway.close();
  await until("nobody is let in", () => refusesConnections(behind.gateway.port));
  answer.resolve();
  expect((await waiting).status).toBe(200);
  await closing;
});

test("a question for its health is part of no trace, also with a query", async () => {
  const spans = recordSpans();
  try {
    for (const path of ["/health/", "/health/?x=1", "/openapi.json"]) await (await ask(path)).text();
    await until("the last span has ended", () => spans.length > 0);
    expect(spans.map(({ name }) => name)).toEqual(["GET /openapi.json"]);
  } finally {
    forgetSpans();
  }
});

test("the span of a request whose client has left names no status, as none was sent", async () => {
  const spans = recordSpans();
  const gone = new AbortController();
  await behind.instance(ORDERS, () => gone.abort());
  try {
    await expect(ask("/api/orders/", { signal: gone.signal })).rejects.toThrow();
    await until("its span has ended", () => spans.some(({ kind }) => kind === "server"));
    const { attributes } = spans.find(({ kind }) => kind === "server") ?? {};
    expect(attributes).toMatchObject({ "error.type": "aborted", "http.route": "/api/orders/" });
    expect(attributes?.["http.response.status_code"]).toBeUndefined();
  } finally {
    forgetSpans();
  }
});

test("what it answers is measured as its own: what services refuse, and what none of them has seen", async () => {
  const seen: string[] = [];
  setMeter({
    ...silentMeter,
    request: (service, route, method, status) => seen.push(`${service} ${method} ${route} ${status}`),
  });
  const gone = new AbortController();
  await behind.instance("PaymentService", () => gone.abort());
  try {
    expect((await ask("/api/orders/")).status).toBe(503);
    expect((await ask("/nowhere/")).status).toBe(404);
    await expect(ask("/api/payments/", { signal: gone.signal })).rejects.toThrow();
    await until("all have ended", () => seen.length === 3);
    expect(seen).toEqual([
      "gateway GET /api/orders/ 503",
      "gateway GET * 404",
      "gateway GET /api/payments/ 499",
    ]);
  } finally {
    setMeter(undefined);
  }
});

test("its own pages: health, the document of all, and a page to read it", async () => {
  const health = await (await ask("/health/")).json();
  expect(health).toMatchObject({
    service: "gateway",
    status: "degraded",
    checks: { registry: "ok", OrderService: "down" },
  });
  const document = await (await ask("/openapi.json")).json();
  const paths = Object.keys(document.paths);
  expect(paths).toEqual(
    expect.arrayContaining(["/api/orders/", "/api/payments/{id}/refund/", "/api/notifications/"]),
  );
  expect(paths.filter((path) => path.startsWith("/internal"))).toEqual([]);
  expect(await (await ask("/docs/")).text()).toContain('<base href="/docs/">');
});

/** Sends bytes as they are, and resolves with all that comes back. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(behind.gateway.port, "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  socket.on("error", () => {});
  socket.write(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

async function refusesConnections(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const refused = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(false)).once("error", () => resolve(true));
  });
  socket.destroy();
  return refused;
}
