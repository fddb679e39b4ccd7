// Nginx with the product's configuration in front of two instances of each service. Run by npm run test:servers.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "@jest/globals";
import { Agent, WebSocket } from "undici";
import { services } from "../../../functions/services.ts";
import { isPublic } from "../../../local/gateway/routes.ts";
import { until } from "../../support/poll.ts";
import { credentialsBy } from "../../support/system-under-test.ts";
import { type Client, clientOf, stackFacts } from "./client.ts";
import { linesOf } from "./nginx.ts";

const facts = stackFacts();
const { hostname, port } = new URL(facts.https);
const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** Each with an address of its own, so that no test uses up another's limit. */
let addresses = 0;
async function client(user: string = randomUUID()): Promise<Client> {
  addresses += 1;
  const made = await clientOf(facts, { user, address: `127.0.2.${addresses}` });
  clients.push(made);
  return made;
}

/** Sends bytes over TLS as they are; resolves with all that comes back. */
async function raw(bytes: string, options: object = {}): Promise<string> {
  const socket = connectTls({ host: hostname, port: Number(port), ca: facts.authority, ...options });
  socket.setEncoding("utf8");
  let text = "";
  socket.on("data", (part: string) => {
    text += part;
  });
  await once(socket, "secureConnect");
  // Not the end: Nginx takes that for a client that has gone.
  socket.write(bytes);
  await once(socket, "close");
  return text;
}

const asked = (path: string, headers = "") =>
  raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`);

const statusOf = (reply: string): number => Number(reply.split(" ")[1]);

describe("Connections", () => {
  test("are HTTP/2 over TLS 1.3 where the client can, and HTTP/1.1 where not", async () => {
    const session = connectHttp2(facts.https, { ca: facts.authority });
    const stream = session.request({ [constants.HTTP2_HEADER_PATH]: "/health/" });
    const [headers] = await once(stream, "response");
    expect(headers[constants.HTTP2_HEADER_STATUS]).toBe(200);
    expect((session.socket as TLSSocket).getProtocol()).toBe("TLSv1.3");
    expect(session.alpnProtocol).toBe("h2");
    session.close();
    expect(statusOf(await asked("/health/"))).toBe(200);
  });

  test("of TLS 1.1 are refused", async () => {
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
    await expect(raw("", old)).rejects.toThrow();
  });

  test("in clear are led to TLS for GET, and refused for what carries a body", async () => {
    const path = "/api/orders/?limit=1";
    const led = await fetch(`${facts.http}${path}`, { redirect: "manual" });
    expect([led.status, led.headers.get("location")]).toEqual([308, `https://127.0.0.1${path}`]);
    const refused = await fetch(`${facts.http}${path}`, { method: "POST", body: "{}", redirect: "manual" });
    expect(refused.status).toBe(403);
  });

  test("tell browsers to use TLS only, and not which software this is", async () => {
    const reply = await asked("/health/");
    expect(reply).toMatch(/^strict-transport-security: max-age=31536000\r$/im);
    expect(reply).toMatch(/^server: nginx\r$/im);
  });
});

describe("A user", () => {
  test("orders, pays, and finds the order among theirs, at either instance", async () => {
    const ann = await client();
    const order = await ann.send("POST", "/api/orders/", {
      body: { customer_name: "张三", total_amount: 299.99 },
      headers: { "idempotency-key": randomUUID() },
    });
    expect(order.status).toBe(201);
    const payment = await ann.send("POST", "/api/payments/", {
      body: { order_id: order.body["id"], method: "sandbox" },
      headers: { "idempotency-key": randomUUID() },
    });
    expect([payment.status, payment.body["amount"]]).toEqual([201, "299.99"]);
    const found = await ann.send("GET", `/api/orders/${order.body["id"]}/`);
    expect([found.status, found.body["id"]]).toEqual([200, order.body["id"]]);
    expect((await ann.send("GET", `/api/orders/${order.body["id"]}`)).status).toBe(200);
    const stranger = await client();
    expect((await stranger.send("GET", `/api/orders/${order.body["id"]}/`)).status).toBe(404);
  });

  test("is answered by both instances of a service", async () => {
    const ann = await client();
    await until("both have answered", async () => {
      await ann.send("GET", "/api/orders/");
      const lines = linesOf(facts.log).filter(({ path }) => path === "/api/orders/");
      return new Set(lines.map(({ instance }) => instance)).size >= 2;
    });
  });

  test("keeps a trace of their own, and gets one where there is none", async () => {
    const ann = await client();
    const id = "0af7651916cd43dd8448eb211c80319c";
    const given = await ann.send("GET", "/api/orders/x/", {
      headers: { traceparent: `00-${id}-b7ad6b7169203331-01` },
    });
    expect(given.body["trace_id"]).toBe(id);
    expect((await ann.send("GET", "/api/orders/x/")).body["trace_id"]).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("Paths", () => {
  const PUBLIC = services.flatMap(({ contract }) =>
    Object.values(contract.routes).filter((route) => isPublic(route) && !route.debugOnly),
  );

  test.each(PUBLIC.map(({ method, path }) => [method, path]))(
    "%s %s reaches its service",
    async (method, path) => {
      const concrete = path.replace(/\{[^}]*\}/g, randomUUID());
      const reply = await (await client()).send(method, concrete);
      // Whatever it says: it was the service that said it.
      expect(reply.body["code"] ?? "").not.toMatch(/^(reply_lost|service_unavailable|route_unknown)$/);
      expect(reply.status).toBeLessThan(500);
    },
  );

  test.each(services.map(({ key }) => key))(
    "/%s/health/ and its document are the service's own",
    async (key) => {
      const ann = await client();
      expect((await ann.send("GET", `/${key}/health/`)).body).toMatchObject({ status: "ok" });
      expect((await ann.send("GET", `/${key}/openapi.json`)).body).toMatchObject({
        openapi: expect.stringMatching(/^3\.1/),
      });
    },
  );

  const INTERNAL = services.flatMap(({ contract }) =>
    Object.values(contract.routes).filter(({ access }) => access === "service"),
  );

  test.each([
    ...INTERNAL.map(({ path }) => path.replace(/\{[^}]*\}/g, randomUUID())),
    "/internal",
    "/INTERNAL/orders/1/",
    "//internal/orders/1/",
    "/api/orders/../../internal/orders/1/",
    "/api/orders/%2e%2e/%2e%2e/internal/orders/1/",
    "/api/orders/..%2f..%2finternal/orders/1/",
    "/internal/orders/1/../../../api/orders/",
    "/internal%2forders/1/%2e%2e/%2e%2e/%2e%2e/api/orders/",
    "/api/orders/..%5c..%5cinternal/orders/1/",
    "/./internal/orders/1/",
    "/docs/",
    "/metrics",
    "/-/404",
    "/",
  ])("%s is not there", async (path) => {
    const reply = await asked(path);
    expect(statusOf(reply)).toBe(404);
    expect(reply).toMatch(/^content-type: application\/problem\+json/im);
    expect(JSON.parse(reply.slice(reply.indexOf("{")))).toMatchObject({ status: 404, code: "route_unknown" });
  });
});

describe("What is passed on", () => {
  test("has no headers by which services address each other, whatever a client sends", async () => {
    // A service would answer 421 to these.
    const reply = await asked(
      "/api/orders/x/",
      "cfmp-target-service: Other\r\ncfmp-target-instance: other\r\ncfmp-timeout: 1\r\nAuthorization: Bearer x\r\n",
    );
    expect(statusOf(reply)).toBe(401);
  });
});

describe("Limits", () => {
  test("a body of more than 10 MB is refused, in the form of every refusal", async () => {
    const length = `Content-Length: ${10 * 1024 * 1024 + 1}`;
    const head = ["POST /api/orders/ HTTP/1.1", "Host: localhost", "Connection: close", length, "", ""];
    const reply = await raw(head.join("\r\n"));
    expect(statusOf(reply)).toBe(413);
    expect(JSON.parse(reply.slice(reply.indexOf("{")))).toMatchObject({
      status: 413,
      code: "body_too_large",
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  test("an address that sends more than its share gets 429 and when to try again; others are served", async () => {
    const other = await client();
    // More than the burst at once, again and again: a busy machine may be too slow for its share.
    const refused = await until("some are refused", async () => {
      const greedy = await clientOf(facts, { user: randomUUID(), address: "127.0.4.1" });
      clients.push(greedy);
      const replies = await Promise.all(
        // Nginx may end a connection with so much on it.
        Array.from({ length: 400 }, () => greedy.send("GET", "/api/orders/unknown/").catch(() => undefined)),
      );
      const found = replies.filter((reply) => reply?.status === 429);
      return found.length > 0 && found;
    });
    expect(refused[0]?.headers.get("content-type")).toBe("application/problem+json");
    expect(refused[0]?.headers.get("retry-after")).toBe("1");
    expect(refused[0]?.body).toEqual({
      type: "about:blank",
      title: "Too many requests",
      status: 429,
      code: "rate_limited",
      detail: "Too many requests; try again in 1 s.",
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect((await other.send("GET", "/api/orders/")).status).toBe(200);
  });

  test("a head that does not end is given up", async () => {
    const socket = connect({ host: hostname, port: Number(new URL(facts.http).port) });
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n");
    socket.resume();
    await once(socket, "close");
  });
});

describe("Live notifications", () => {
  const path = "/api/notifications/live/";

  test("come through Nginx by WebSocket", async () => {
    const user = randomUUID();
    const { authorization = "" } = await credentialsBy(facts.secretKey)({ sub: user });
    const dispatcher = new Agent({ connect: { ca: facts.authority } });
    const socket = new WebSocket(`${facts.https.replace("https", "wss")}${path}`, {
      protocols: ["cfmp.v1", authorization.replace("Bearer ", "bearer.")],
      dispatcher,
    });
    const frames: { type: string; notification?: { title: string } }[] = [];
    socket.addEventListener("message", ({ data }) => frames.push(JSON.parse(String(data))));
    await once(socket, "open");
    expect(socket.protocol).toBe("cfmp.v1");
    socket.send(JSON.stringify({ type: "since" }));
    await until("it is ready", () => frames.some(({ type }) => type === "ready"));
    const sent = await (await client(user)).send("POST", "/api/notifications/", {
      body: { title: "through Nginx", content: "c" },
      headers: { "idempotency-key": randomUUID() },
    });
    expect(sent.status).toBe(201);
    await until("it arrives", () =>
      frames.some(({ notification }) => notification?.title === "through Nginx"),
    );
    socket.close();
    await dispatcher.destroy();
  });

  test("are refused without a token, by the service", async () => {
    const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
    const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    const reply = await raw(
      ["GET /api/notifications/live/ HTTP/1.1", "Host: localhost", ...upgrade, key, "", ""].join("\r\n"),
    );
    expect(statusOf(reply)).toBe(401);
    expect(reply).toContain('"code"');
  });
});
