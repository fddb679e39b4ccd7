import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { portOf } from "../../tests/support/free-ports.ts";
import { KeptHttp } from "./kept-http.ts";

let server: Server;
let http: KeptHttp;
let url: string;
let connections: number;

beforeEach(async () => {
  connections = 0;
  http = new KeptHttp({ connections: 2, repeatable: true });
  server = createServer((request, response) => {
    if (request.url === "/silent") return;
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => response.writeHead(201).end(`${request.method} ${request.url} ${body}`));
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${portOf(server)}`;
});

afterEach(async () => {
  http.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const send = (
  path: string,
  more: { method?: string; body?: string; timeoutMs?: number; signal?: AbortSignal } = {},
) => http.send({ url: `${url}${path}`, method: "GET", headers: {}, timeoutMs: 60_000, ...more });

describe("kept HTTP", () => {
  test("carries method, path and body, and brings back status and text", async () => {
    expect(await send("/a?b=c", { method: "POST", body: "x=1" })).toEqual({
      status: 201,
      headers: expect.objectContaining({ "transfer-encoding": "chunked" }),
      data: "POST /a?b=c x=1",
    });
  });

  test("has no reply where the server changes to another protocol", async () => {
    server.removeAllListeners("request");
    server.on("request", ({ socket }) =>
      socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    );
    await expect(send("/")).rejects.toThrow("ended before the reply");
  });

  test("uses one connection for requests one after another", async () => {
    for (let n = 0; n < 5; n += 1) await send("/");
    expect(connections).toBe(1);
  });

  test("opens no more connections than it may", async () => {
    await Promise.all(Array.from({ length: 10 }, () => send("/")));
    expect(connections).toBe(2);
  });

  test("sends again when a kept connection was closed meanwhile", async () => {
    await send("/");
    const reply = send("/again");
    server.closeIdleConnections();
    expect(await reply).toMatchObject({ status: 201 });
  });

  test("sends a request that must not be repeated once, and says how its kept connection ended", async () => {
    let seen = 0;
    server.on("request", (request) => {
      seen += 1;
      if (request.url === "/cut") request.socket.destroy();
    });
    const once = new KeptHttp({ connections: 1, repeatable: false });
    try {
      const post = (path: string) =>
        once.send({ url: `${url}${path}`, method: "POST", headers: {}, timeoutMs: 60_000 });
      await post("/");
      await expect(post("/cut")).rejects.toMatchObject({ code: "ECONNRESET" });
      expect([seen, connections]).toEqual([2, 1]);
    } finally {
      once.close();
    }
  });

  test("a caller that gives up ends the exchange, with its reason", async () => {
    const closed = Promise.withResolvers<void>();
    const given = new AbortController();
    server.on("request", (request) => {
      request.socket.once("close", () => closed.resolve());
      given.abort(new Error("no longer needed"));
    });
    await expect(send("/silent", { signal: given.signal })).rejects.toThrow("no longer needed");
    await closed.promise;
    await expect(send("/", { signal: given.signal })).rejects.toThrow("no longer needed");
  });

  test("does not wait for ever", async () => {
    await expect(send("/silent", { timeoutMs: 30 })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("says what is wrong with a server that is not there", async () => {
    await new Promise((resolve) => server.close(resolve));
    await expect(send("/")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
