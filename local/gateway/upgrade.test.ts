import type { RequestListener } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
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

/** The status and body with which a client's request for a live connection is refused. */
const refused = () =>
  new Promise<readonly [status: number | undefined, body: string]>((resolve, reject) => {
    const url = `${behind.url.replace("http", "ws")}/api/notifications/live/`;
    const socket = new WebSocket(url, ["cfmp.v1"]);
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
});
