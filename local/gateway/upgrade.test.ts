import type { RequestListener } from "node:http";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { WebSocket, WebSocketServer } from "ws";
import { type Behind, gatewayBefore } from "./test-behind.ts";

let behind: Behind;
beforeEach(async () => {
  behind = await gatewayBefore();
});
afterEach(() => behind.close());

/** Refuses, and ends the connection in the middle of the reply. */
const brokenRefusal: RequestListener = (_, response) => {
  response.writeHead(401, { "content-length": "100" });
  response.write("a part of it", () => response.destroy());
};

const refusal: RequestListener = (_, response) => void response.writeHead(403).end("refused");

const OPTIONS = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: 100,
  handleProtocols: () => "cfmp.v1",
} as const;

const liveUrl = () => `${behind.url.replace("http", "ws")}/api/notifications/live/`;

/** The status and body with which a client's request for a live connection is refused. */
const refused = () =>
  new Promise<readonly [status: number | undefined, body: string]>((resolve, reject) => {
    const socket = new WebSocket(liveUrl(), ["cfmp.v1"]);
    socket.on("error", reject);
    socket.on("unexpected-response", async (_, response) => {
      let body = "";
      for await (const chunk of response) body += String(chunk);
      resolve([response.statusCode, body]);
    });
  });

describe("A request for a live connection", () => {
  test("is refused as its instance refuses it", async () => {
    await behind.instance("NotificationService", refusal);
    expect(await refused()).toEqual([403, "refused"]);
  });

  test("goes to another instance when a refusal breaks off", async () => {
    await behind.instance("NotificationService", brokenRefusal);
    await behind.instance("NotificationService", refusal);
    expect(await refused()).toEqual([403, "refused"]);
  });

  test("is answered with 503 when every refusal breaks off, and does not wait for the rest", async () => {
    await behind.instance("NotificationService", brokenRefusal);
    const [status, body] = await refused();
    expect([status, JSON.parse(body).code]).toEqual([503, "service_unavailable"]);
  });

  test("is answered with 503 where no instance listens", async () => {
    await behind.dead("NotificationService");
    expect((await refused())[0]).toBe(503);
  });

  test("waits for an instance that is slow, where there is no other one, however many connect at once", async () => {
    await behind.close();
    behind = await gatewayBefore({}, { attemptTimeoutMs: 20 });
    const instance = await behind.instance("NotificationService", refusal);
    const sockets = new WebSocketServer(OPTIONS);
    instance.on("upgrade", (request, socket, head) => {
      setTimeout(() => sockets.handleUpgrade(request, socket, head, () => {}), 300);
    });
    const clients = Array.from({ length: 30 }, () => new WebSocket(liveUrl(), ["cfmp.v1"]));
    const outcomes = await Promise.all(
      clients.map(
        (client) =>
          new Promise((resolve) => {
            client.on("open", () => resolve("open"));
            client.on("unexpected-response", (_, { statusCode }) => resolve(statusCode));
            client.on("error", resolve);
          }),
      ),
    );
    for (const client of clients) client.terminate();
    expect(outcomes).toEqual(clients.map(() => "open"));
  });

  test("whose client does not read holds its instance back, which sees that and can cut it off", async () => {
    const instance = await behind.instance("NotificationService", refusal);
    const sockets = new WebSocketServer(OPTIONS);
    const opened = new Promise<WebSocket>((resolve) => {
      instance.on("upgrade", (request, socket, head) =>
        sockets.handleUpgrade(request, socket, head, resolve),
      );
    });
    const client = new WebSocket(liveUrl(), ["cfmp.v1"]);
    client.on("error", () => {});
    await new Promise<void>((resolve) => void client.on("open", resolve));
    client.pause();
    const held = await opened;
    const text = "x".repeat(64 * 1_024);
    let sent = 0;
    // What the systems' own buffers hold is some megabytes.
    for (; held.bufferedAmount < 1_024 * 1_024 && sent < 2_000; sent += 1) {
      held.send(text);
      await setImmediate();
    }
    expect(sent).toBeLessThan(2_000);
    const ended = new Promise<void>((resolve) => void client.on("close", () => resolve()));
    held.terminate();
    client.resume();
    await ended;
  });

  test("is refused by an instance that is full, which goes on to get other requests", async () => {
    let asked = 0;
    await behind.instance("NotificationService", ({ headers }, response) => {
      if (headers.upgrade === undefined) return void response.end("{}");
      asked += 1;
      response.writeHead(503, { "retry-after": "1", "cfmp-retry-scope": "connections" }).end("{}");
    });
    for (let n = 0; n < 5; n += 1) expect((await refused())[0]).toBe(503);
    expect(asked).toBe(5);
    expect((await fetch(`${behind.url}/api/notifications/`)).status).toBe(200);
  });
});
