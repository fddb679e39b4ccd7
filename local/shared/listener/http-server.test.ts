// The guard as clients meet it: on a real socket, in front of something that answers everything with 200.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../../../tests/support/poll.ts";
import { loopbackNames } from "./hosts.ts";
import { type HttpListener, type HttpListenerOptions, httpListener } from "./http-server.ts";
import { switchProtocol, type UpgradeProtocol } from "./upgrade.ts";

const PAGE = "https://shop.example";
const MAX_BODY = 1_000;
let listener: HttpListener;
let port: number;
/** Method, path and body of what got past the guard; a body that broke off is `broken`. */
let seen: string[];
/** Requests that got past the guard, with or without their whole body. */
let begun: number;

async function listen(options: Partial<HttpListenerOptions> = {}): Promise<void> {
  const rules = { hosts: loopbackNames, origins: [PAGE], maxBodyBytes: MAX_BODY };
  listener = httpListener({ reach: "loopback", ...rules, ...options }, async (request, response) => {
    begun += 1;
    let body = "";
    try {
      for await (const chunk of request) body += chunk;
    } catch {
      seen.push(`${request.method} ${request.url} broken`);
      return;
    }
    seen.push(`${request.method} ${request.url} ${body}`);
    response.setHeader("x-seen", body.length);
    response.end("ok");
  });
  port = await listener.open({ host: "127.0.0.1", port: 0 });
}

beforeEach(async () => {
  seen = [];
  begun = 0;
  await listen();
});

afterEach(() => listener.close(0));

interface Open {
  readonly socket: Socket;
  readonly text: () => string;
  /** Also when the other side breaks it off. */
  readonly closed: Promise<void>;
}

function open(): Open {
  let text = "";
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("data", (chunk: string) => {
    text += chunk;
  });
  socket.on("error", () => {});
  return { socket, text: () => text, closed };
}

/** All that comes back for these bytes, until the connection ends. */
async function raw(bytes: string): Promise<string> {
  const { socket, text, closed } = open();
  socket.write(bytes, "latin1");
  await closed;
  return text();
}

const lines = (...parts: readonly string[]): string => `${parts.join("\r\n")}\r\n\r\n`;
const ENDS = "connection: close";
const HOST = "host: localhost";
const statuses = (text: string): readonly string[] =>
  [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status = ""]) => status);

test("what is well goes through", async () => {
  expect(await raw(lines("GET /a HTTP/1.1", HOST, ENDS))).toMatch(/^HTTP\/1\.1 200 .*ok$/s);
  expect(seen).toEqual(["GET /a "]);
});

test.each([
  ["another host", ["GET / HTTP/1.1", "host: evil.example"], 421],
  ["two hosts", ["GET / HTTP/1.1", HOST, HOST], 400],
  ["no host", ["GET / HTTP/1.1", "accept: */*"], 400],
  ["a page of another origin", ["GET / HTTP/1.1", HOST, "origin: http://evil.example"], 403],
  ["the absolute form of another host", ["GET http://evil.example/ HTTP/1.1", HOST], 400],
  ["a folded header", ["GET / HTTP/1.1", HOST, "x-a: 1\r\n 2"], 400],
  ["a space before the colon", ["GET / HTTP/1.1", HOST, "x-a : 1"], 400],
  ["no HTTP", ["EHLO localhost"], 400],
  ["a head that is too large", ["GET / HTTP/1.1", HOST, `x-a: ${"a".repeat(17 * 1024)}`], 431],
  ["both framings", ["POST / HTTP/1.1", HOST, "content-length: 3", "transfer-encoding: chunked"], 400],
  ["an unknown coding", ["POST / HTTP/1.1", HOST, "transfer-encoding: gzip"], 501],
  ["an unknown coding around chunks", ["POST / HTTP/1.1", HOST, "transfer-encoding: gzip, chunked"], 501],
] as const)("%s is refused with a problem, and nobody behind sees it", async (_, head, status) => {
  const { socket, text } = open();
  socket.write(lines(...head), "latin1");
  await until("there is an answer", () => text() !== "");
  socket.destroy();
  expect(statuses(text())).toEqual([String(status)]);
  if (_ !== "no host") expect(text()).toContain("application/problem+json");
  expect(seen).toEqual([]);
});

test("who goes on to send is not cut off before the answer is read, but soon after; what is sent counts for nothing", async () => {
  let failure: Error | undefined;
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).setEncoding("latin1");
  socket.on("error", (error) => {
    failure = error;
  });
  const parts: string[] = [];
  socket.on("data", (part: string) => parts.push(part));
  socket.write(`GET / HTTP/1.1\r\n${HOST}\r\nx-a: ${"a".repeat(17 * 1024)}`, "latin1");
  await once(socket, "end");
  // A closed connection says so to the first of these, which the second one meets.
  for (let no = 0; no < 2; no += 1)
    await new Promise<void>((resolve) =>
      socket.write(`a\r\n\r\n${lines("GET /b HTTP/1.1", HOST)}`, () => resolve()),
    );
  expect(failure).toBeUndefined();
  expect(statuses(parts.join(""))).toEqual(["431"]);
  await until("it is closed", async () => (await listener.connections()) === 0);
  socket.destroy();
  expect(seen).toEqual([]);
});

describe("a body above the limit", () => {
  const large = "x".repeat(MAX_BODY + 1);
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

  test("is refused by its length, before it is sent", async () => {
    const { socket, text } = open();
    socket.write(lines("POST / HTTP/1.1", HOST, `content-length: ${large.length}`, "expect: 100-continue"));
    await until("there is an answer", () => text() !== "");
    socket.destroy();
    expect(statuses(text())).toEqual(["413"]);
  });

  test("is refused by its length, and the answer reaches who sends on", async () => {
    const reply = await raw(lines("POST / HTTP/1.1", HOST, `content-length: ${large.length}`) + large);
    expect(statuses(reply)).toEqual(["413"]);
  });

  test("is refused in chunks, and is never taken for a shorter one", async () => {
    const body = `${chunk("x".repeat(600))}${chunk("y".repeat(600))}0\r\n\r\n`;
    const reply = await raw(lines("POST / HTTP/1.1", HOST, "transfer-encoding: chunked") + body);
    expect(statuses(reply)).toEqual(["413"]);
    await until("the reader noticed", () => seen.length > 0);
    expect(seen).toEqual(["POST / broken"]);
  });

  test("does not hide a request behind it", async () => {
    const inner = lines("GET /hidden HTTP/1.1", HOST);
    await raw(lines("POST / HTTP/1.1", HOST, `content-length: ${large.length}`) + large + inner);
    expect(seen).toEqual([]);
  });

  test("is cut off when nobody reads it", async () => {
    await listener.close(0);
    await listen({ hosts: loopbackNames });
    const bytes = "x".repeat(200);
    const { socket, text, closed } = open();
    socket.write(lines("POST / HTTP/1.1", "host: evil.example", "transfer-encoding: chunked"));
    await until("there is an answer", () => text() !== "");
    const more = setInterval(() => socket.write(chunk(bytes)), 1);
    await closed;
    clearInterval(more);
    expect(statuses(text())).toEqual(["421"]);
  });
});

describe("time", () => {
  test("is up for a head that does not come, and for a connection that says nothing", async () => {
    await listener.close(0);
    await listen({ limits: { headMs: 100 } });
    const silent = open();
    const slow = open();
    slow.socket.write("GET / HTTP/1.1\r\nhost: local");
    await Promise.all([silent.closed, slow.closed]);
    expect(statuses(slow.text())).toEqual(["408"]);
  });

  test("is up for a body that does not come", async () => {
    await listener.close(0);
    await listen({ limits: { headMs: 100, requestMs: 100 } });
    // On a busy machine a connection may be over before its request has arrived.
    await until("a request that has begun is broken off", async () => {
      const slow = open();
      slow.socket.write(lines("POST / HTTP/1.1", HOST, "content-length: 10"));
      await slow.closed;
      return seen.length > 0;
    });
    expect(seen).toEqual(["POST / broken"]);
  });

  test("is up for a connection that is not used again", async () => {
    await listener.close(0);
    await listen({ limits: { idleMs: 1_100 } });
    const kept = open();
    kept.socket.write(lines("GET / HTTP/1.1", HOST));
    const askedAt = performance.now();
    await kept.closed;
    // Later than the client is told.
    expect(performance.now() - askedAt).toBeGreaterThan(2_000);
    expect(kept.text()).toMatch(/^HTTP\/1\.1 200 .*keep-alive: timeout=1/is);
  });
});

test("connections above the limit are closed at once", async () => {
  await listener.close(0);
  await listen({ limits: { connections: 2 } });
  const held = [open(), open()];
  await Promise.all(held.map(({ socket }) => once(socket, "connect")));
  await open().closed;
  for (const { socket } of held) {
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  }
});

test("what can't be read does not answer the request before it", async () => {
  const reply = await raw(`${lines("GET /first HTTP/1.1", HOST)}\x01\x02 nonsense\r\n\r\n`);
  expect(statuses(reply).slice(0, 1)).toEqual(["200"]);
  expect(seen).toEqual(["GET /first "]);
});

describe("a page of CORS_ORIGINS", () => {
  test("may ask, and read the answer", async () => {
    const question = ["access-control-request-method: PUT", "access-control-request-headers: if-match"];
    const preflight = await raw(lines("OPTIONS /a HTTP/1.1", HOST, `origin: ${PAGE}`, ...question, ENDS));
    expect(preflight).toMatch(/^HTTP\/1\.1 204 /);
    expect(preflight).toContain(`access-control-allow-origin: ${PAGE}`);
    expect(preflight).toMatch(/access-control-allow-methods: .*PUT/);
    expect(preflight).toMatch(/access-control-allow-headers: .*if-match/);
    expect(preflight).not.toContain("credentials");
    const reply = await raw(lines("PUT /a HTTP/1.1", HOST, `origin: ${PAGE}`, "content-length: 0", ENDS));
    expect(reply).toContain(`access-control-allow-origin: ${PAGE}`);
    expect(reply).toMatch(/^vary: origin/im);
    expect(seen).toEqual(["PUT /a "]);
  });

  test("is the only one that gets this permission", async () => {
    const question = ["access-control-request-method: PUT", "access-control-request-headers: if-match"];
    for (const origin of ["http://evil.example", "null", `${PAGE}.evil.example`]) {
      const reply = await raw(lines("OPTIONS /a HTTP/1.1", HOST, `origin: ${origin}`, ...question, ENDS));
      expect(reply).toMatch(/^HTTP\/1\.1 403 /);
      expect(reply).not.toContain("access-control-");
    }
    expect(seen).toEqual([]);
  });
});

test("what is for this machine alone listens nowhere else, whatever the settings say", async () => {
  const rules = { hosts: loopbackNames, origins: [], maxBodyBytes: 1 };
  const other = httpListener({ reach: "loopback", ...rules }, () => {});
  await expect(other.open({ host: "0.0.0.0", port: 0 })).rejects.toMatchObject({ code: "beyond_loopback" });
});

test("a request in progress is answered while the listener closes, and its reply says that the connection ends", async () => {
  const client = open();
  client.socket.write("POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nab");
  await until("the request has begun", () => begun === 1);
  const closed = listener.close(60_000);
  client.socket.write("cd");
  await client.closed;
  await closed;
  expect(client.text()).toMatch(/^HTTP\/1\.1 200 [\s\S]*connection: close\r\n/i);
  expect(seen).toEqual(["POST /slow abcd"]);
});

describe("a balancer in front of a listener that lets go", () => {
  const BALANCED = "cfmp-elsewhere: yes";

  test("is told to ask another instance, for what it may send there, and is known to leave this one out", async () => {
    expect(statuses(await raw(lines("GET /a HTTP/1.1", HOST, BALANCED, ENDS)))).toEqual(["200"]);
    expect(listener.leftOut()).toBe(false);
    listener.letGo();
    const put = ["PUT /b HTTP/1.1", HOST, BALANCED, "content-length: 2"];
    const reply = await raw(`${lines(...put)}ab`);
    expect(reply).toMatch(/^HTTP\/1\.1 502 [\s\S]*connection: close[\s\S]*"instance_leaving"/i);
    await until("it is left out", () => listener.leftOut());
    expect(seen).toEqual(["GET /a "]);
  });

  test("is answered as before what it must not send twice", async () => {
    listener.letGo();
    const reply = await raw(`${lines("POST /a HTTP/1.1", HOST, "content-length: 2")}ab`);
    expect(statuses(reply)).toEqual(["200"]);
    expect(seen).toEqual(["POST /a ab"]);
  });
});

describe("a protocol that clients may change to", () => {
  const UPGRADE = ["connection: upgrade", "upgrade: echo/1"];
  let taken: number;
  const echo: UpgradeProtocol = {
    protocol: "echo/1",
    take(connection, _, first) {
      taken += 1;
      switchProtocol(connection, "echo/1", first);
      connection.on("data", (chunk) => connection.write(chunk));
      connection.on("end", () => connection.end());
      return { end: () => connection.end("bye") };
    },
  };
  beforeEach(async () => {
    taken = 0;
    await listener.close(0);
    await listen({ upgrade: echo });
  });

  test("gets the admitted connection, with what was sent behind the request", async () => {
    const { socket, text } = open();
    socket.write(`${lines("GET / HTTP/1.1", HOST, ...UPGRADE)}hello`);
    await until("the echo comes", () => text().endsWith("hello"));
    socket.write(" again");
    await until("more comes", () => text().endsWith("hello again"));
    expect(text()).toMatch(/^HTTP\/1\.1 101 [\s\S]*upgrade: echo\/1\r\n/);
    socket.destroy();
  });

  test.each([
    ["another host", ["GET / HTTP/1.1", "host: evil.example"], 421],
    ["two hosts", ["GET / HTTP/1.1", HOST, HOST], 400],
    ["a page of another origin", ["GET / HTTP/1.1", HOST, "origin: http://evil.example"], 403],
    ["a page of another site", ["GET / HTTP/1.1", HOST, "sec-fetch-site: cross-site"], 403],
  ] as const)("is behind the guard: %s is refused", async (_, head, status) => {
    const reply = await raw(lines(...head, ...UPGRADE));
    expect(statuses(reply)).toEqual([String(status)]);
    expect(reply).toContain("application/problem+json");
    expect(taken).toBe(0);
  });

  test.each([
    ["names another", ["GET /a HTTP/1.1", HOST, "connection: upgrade, close", "upgrade: h2c"]],
    ["does not ask for it", ["GET /a HTTP/1.1", HOST, ENDS, "upgrade: echo/1"]],
  ])("leaves a request alone that %s", async (_, head) => {
    expect(await raw(lines(...head))).toMatch(/^HTTP\/1\.1 200 /);
    expect([seen, taken]).toEqual([["GET /a "], 0]);
  });

  test("leaves a request alone that has a body", async () => {
    const head = ["POST /a HTTP/1.1", HOST, "connection: upgrade, close", "upgrade: echo/1"];
    expect(await raw(`${lines(...head, "content-length: 2")}ab`)).toMatch(/^HTTP\/1\.1 200 /);
    expect([seen, taken]).toEqual([["POST /a ab"], 0]);
  });

  test("is not mixed with a reply that is under way", async () => {
    const slow = lines("POST /slow HTTP/1.1", HOST, "content-length: 4");
    const reply = await raw(`${slow}abcd${lines("GET / HTTP/1.1", HOST, ...UPGRADE)}`);
    expect(reply).not.toContain("HTTP/1.1 101");
    expect(taken).toBe(0);
  });

  test("keeps the limits of silence", async () => {
    await listener.close(0);
    await listen({ upgrade: echo, limits: { silentMs: 100 } });
    // On a busy machine a connection may be over before its request has arrived.
    await until("a connection that was upgraded is closed", async () => {
      const { socket, text, closed } = open();
      socket.write(lines("GET / HTTP/1.1", HOST, ...UPGRADE));
      await closed;
      return /^HTTP\/1\.1 101 /.test(text());
    });
  });

  test("ends its connections when the listener closes", async () => {
    const { socket, text, closed } = open();
    socket.write(lines("GET / HTTP/1.1", HOST, ...UPGRADE));
    await until("it is taken", () => taken === 1);
    await Promise.all([listener.close(Number.POSITIVE_INFINITY), closed]);
    expect(text()).toMatch(/bye$/);
  });
});
