// What a service answers is as odd as what clients send: whatever comes back on a connection to it, each client gets the answer
// to its own request, or none. And unread data of a client on its own connection is never taken for its next request.

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { portOf } from "../../tests/support/free-ports.ts";
import { until } from "../../tests/support/poll.ts";
import { type Behind, gatewayBefore } from "./test-behind.ts";

const OK = (body: string, ...headers: string[]): string =>
  ["HTTP/1.1 200 OK", `content-length: ${Buffer.byteLength(body)}`, ...headers, "", body].join("\r\n");
/** A reply without a request, which must reach nobody. */
const POISON = OK("poison", "x-poison: 1");

const ODD: readonly (readonly [name: string, method: string, reply: string])[] = [
  ["early hints first", "GET", `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK("own")}`],
  ["three continues first", "POST", `${"HTTP/1.1 100 Continue\r\n\r\n".repeat(3)}${OK("own")}`],
  ["switching protocols unasked", "GET", `HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n${POISON}`],
  ["two answers", "GET", OK("own") + POISON],
  ["an answer, then noise", "GET", `${OK("own")}\x00\x01 noise`],
  ["HEAD with a body", "HEAD", OK("own") + POISON],
  ["204 with a body", "GET", `HTTP/1.1 204 No Content\r\n\r\n${POISON}`],
  [
    "204 with a length",
    "GET",
    `HTTP/1.1 204 No Content\r\ncontent-length: ${POISON.length}\r\n\r\n${POISON}`,
  ],
  ["304 with a body", "GET", `HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n${POISON}`],
  [
    "both framings",
    "GET",
    `HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nown\r\n0\r\n\r\n${POISON}`,
  ],
  ["two lengths", "GET", `HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 30\r\n\r\nown${POISON}`],
  [
    "trailers that are headers",
    "GET",
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-poison\r\n\r\n3\r\nown\r\n0\r\nx-poison: 1\r\ncontent-length: 9\r\n\r\n`,
  ],
  ["a chunk that is cut short", "GET", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nown"],
  [
    "chunk extensions",
    "GET",
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;a="b"\r\nown\r\n0\r\n\r\n${POISON}`,
  ],
  [
    "a header of its connection",
    "GET",
    `HTTP/1.1 200 OK\r\nconnection: x-secret\r\nx-secret: 1\r\nkeep-alive: timeout=9\r\ncontent-length: 3\r\n\r\nown`,
  ],
  ["lines that end in LF", "GET", `HTTP/1.1 200 OK\ncontent-length: 3\n\nown${POISON}`],
  ["a header that is too long", "GET", OK("own", `x-long: ${"x".repeat(200_000)}`)],
  ["no HTTP", "GET", "220 mail.example ESMTP\r\n"],
];

let behind: Behind;
/** A service as bytes: it answers a path `/odd/N` with the reply of that number, all else with the requested method and path. */
let service: Server;
const sockets = new Set<Socket>();
/** Requests that reached it: method, path, user. */
const seen: string[] = [];

beforeAll(async () => {
  behind = await gatewayBefore();
  // The gateway finds it where it listed another; see test-behind.ts.
  const instance = await behind.instance("OrderService", () => {});
  const port = portOf(instance);
  await new Promise((resolve) => instance.close(resolve));
  service = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    socket.setEncoding("latin1").on("error", () => {});
    socket.on("data", (part: string) => {
      text += part;
      for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
        const head = text.slice(0, end);
        const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        if (text.length < end + 4 + length) return;
        text = text.slice(end + 4 + length);
        const [, method = "", path = ""] = /^(\S+) (\S+)/.exec(head) ?? [];
        const user = /^uuid: *(\S+)/im.exec(head)?.[1] ?? "";
        seen.push(`${method} ${path} ${user}`);
        const odd = ODD[Number(/odd=(\d+)/.exec(path)?.[1] ?? -1)];
        socket.write(odd?.[2] ?? OK(`${path} ${user}`), "latin1");
        if (odd?.[0].includes("cut short") === true) socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => service.listen(port, "127.0.0.1", resolve));
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => service.close(resolve));
  await behind.close();
});

interface Exchange {
  readonly socket: Socket;
  readonly text: () => string;
  readonly statuses: () => readonly string[];
}

/** A client's own connection to the gateway. */
async function open(): Promise<Exchange> {
  const socket = connect(behind.gateway.port, "127.0.0.1").setEncoding("latin1");
  let text = "";
  socket.on("data", (part: string) => {
    text += part;
  });
  socket.on("error", () => {});
  await once(socket, "connect");
  return {
    socket,
    text: () => text,
    statuses: () => [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status = ""]) => status),
  };
}

const request = (method: string, path: string, user: string, ...headers: string[]): string =>
  [`${method} ${path} HTTP/1.1`, "host: 127.0.0.1", `uuid: ${user}`, ...headers, "", ""].join("\r\n");

const victims = (mark: string) =>
  Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const path = `/api/orders/?${mark}=${index}`;
      const reply = await fetch(behind.url + path, { headers: { uuid: `victim-${index}` } });
      expect([reply.headers.get("x-poison"), await reply.text()]).toEqual([null, `${path} victim-${index}`]);
    }),
  );

describe("a service that answers with", () => {
  test.each(ODD.map(([name, method], index) => [name, method, index] as const))(
    "%s to %s spoils no other answer",
    async (_, method, index) => {
      const { socket, text, statuses } = await open();
      const body = method === "POST" ? ["content-length: 2", "content-type: application/json"] : [];
      socket.write(
        request(method, `/api/orders/?odd=${index}`, "mallory", ...body) + (method === "POST" ? "{}" : ""),
      );
      await until(
        "there is an answer, or none any more",
        () => statuses().some((status) => status >= "200") || socket.destroyed,
      );
      await victims(`after-${index}`);
      // On the same connection, too, if it is still there.
      if (!socket.destroyed) socket.write(request("GET", "/api/orders/?last=1", "mallory"));
      await until(
        "the next is answered, or the connection has ended",
        () => text().includes("last=1") || socket.destroyed,
      );
      expect(text()).not.toMatch(/x-poison|x-secret|\r\npoison/);
      expect(statuses().filter((status) => status >= "200").length).toBeLessThanOrEqual(2);
      socket.destroy();
    },
  );
});

describe("a client's connection", () => {
  const HIDDEN = request("DELETE", "/api/orders/0190a000-0000-7000-8000-000000000009/", "hidden");
  test.each([
    ["a path that nobody has", "POST", "/api/nowhere/", 404, []],
    ["a method that the path does not take", "PATCH", "/api/orders/", 405, []],
    ["another host", "POST", "/api/orders/", 400, ["x-any: 1"]],
    ["a page of another origin", "POST", "/api/orders/", 403, ["origin: http://evil.example"]],
  ] as const)(
    "keeps requests apart after %s, whose body nobody reads",
    async (name, method, path, status, headers) => {
      const { socket, statuses, text } = await open();
      const head = request(
        method,
        path,
        "mallory",
        `content-length: ${HIDDEN.length}`,
        "content-type: application/json",
        ...headers,
      );
      socket.write((name === "another host" ? head.replace("127.0.0.1", "evil.example") : head) + HIDDEN);
      await until("it is refused", () => statuses().length > 0 || socket.destroyed);
      if (!socket.destroyed) socket.write(request("GET", "/api/orders/?next=1", "mallory"));
      await until(
        "the next is answered, or the connection has ended",
        () => text().includes("next=1 mallory") || socket.destroyed,
      );
      expect(statuses()[0]).toBe(String(status));
      expect(seen.filter((one) => one.endsWith(" hidden"))).toEqual([]);
      socket.destroy();
    },
  );
});
