import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Attempt } from "./attempt.ts";
import { PeerHttp } from "./peer-http.ts";

/** Time for a reply that no machine needs. */
const LONG_MS = 60_000;

describe.each([
  ["undici", () => import("undici")],
  ["what stands for it in bundles", () => import("../../../build/undici.ts")],
] as const)("peer HTTP by %s", (_, load) => {
  let http: PeerHttp;
  const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
  beforeEach(() => {
    http = new PeerHttp(load);
  });
  afterEach(async () => {
    await http.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections?.();
      server.close();
    }
  });
  const originOf = (server: Server | ReturnType<typeof createTcpServer>) => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return `http://127.0.0.1:${port}`;
  };
  const serve = async (listener: RequestListener) => {
    const server = createServer(listener).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    return originOf(server);
  };
  const send = (origin: string, rest: Partial<Attempt> = {}) =>
    http.send({
      origin,
      path: "/",
      method: "GET",
      headers: {},
      body: undefined,
      timeout: LONG_MS,
      signal: undefined,
      ...rest,
    });

  test("gives status, headers and body, whatever the chunks", async () => {
    const text = `"${"中文".repeat(50_000)}"`;
    const origin = await serve((request, response) => {
      response.writeHead(409, { "content-type": "application/problem+json", "set-cookie": ["a=1", "b=2"] });
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += 1_001) response.write(bytes.subarray(at, at + 1_001));
      response.end(request.url);
    });
    expect(await send(origin, { path: "/x/?y=1" })).toMatchObject({
      status: 409,
      headers: { "content-type": "application/problem+json", "set-cookie": "a=1, b=2" },
      body: `${text}/x/?y=1`,
    });
  });

  test("sends method, headers and body, and keeps its connections", async () => {
    const seen: unknown[] = [];
    const ports = new Set<number | undefined>();
    const origin = await serve(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      seen.push([request.method, request.headers["x-test"], body]);
      ports.add(request.socket.remotePort);
      response.end();
    });
    const bodies = Array.from({ length: 10 }, (_, n) => `{"n":${n}}`);
    for (const body of bodies) {
      expect(await send(origin, { method: "POST", headers: { "x-test": "yes" }, body })).toMatchObject({
        body: "",
      });
    }
    expect(seen).toEqual(bodies.map((body) => ["POST", "yes", body]));
    // A connection is free again one turn after its reply, so a quick caller alternates between two.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  test("a refused connection: nothing was sent", async () => {
    const server = createTcpServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const origin = originOf(server);
    await new Promise((resolve) => server.close(resolve));
    await expect(send(origin)).rejects.toMatchObject({ kind: "unreachable", sent: false });
    await expect(send("http://127.0.0.1:1", { path: "no slash" })).rejects.toMatchObject({ sent: false });
  });

  test("the connection breaks before the reply, or within it: it may have been done", async () => {
    const before = await serve((request) => request.socket.destroy());
    await expect(send(before)).rejects.toMatchObject({ kind: "broken", sent: true });
    const within = await serve((request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => request.socket.destroy());
    });
    await expect(send(within)).rejects.toMatchObject({ kind: "broken", sent: true });
  });

  test("no reply, or half of one, within the limit: it may have been done, and the connection is given up", async () => {
    const closed = Promise.withResolvers<void>();
    let arrived = 0;
    const silent = await serve((request) => {
      arrived += 1;
      request.socket.once("close", () => closed.resolve());
    });
    const half = await serve((_, response) => {
      arrived += 1;
      response.write("half");
    });
    // However long the machine takes to deliver the request.
    const limit = (nth: number) => ({ timeout: 100, moreTime: () => (arrived < nth ? 100 : 0) });
    await expect(send(silent, limit(1))).rejects.toMatchObject({ kind: "timeout", sent: true });
    await expect(send(half, limit(2))).rejects.toMatchObject({ kind: "timeout", sent: true });
    await closed.promise;
  });

  test("a caller that gives up ends the exchange", async () => {
    const origin = await serve(() => {});
    const given = new AbortController();
    const outcome = send(origin, { signal: given.signal });
    given.abort();
    await expect(outcome).rejects.toMatchObject({ kind: "cancelled" });
    await expect(send(origin, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: "cancelled",
      sent: false,
    });
  });

  test("a reply without end is cut off", async () => {
    const origin = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) {}
      };
      response.on("drain", more);
      more();
    });
    await expect(send(origin)).rejects.toMatchObject({ kind: "broken", sent: true });
  });
});
