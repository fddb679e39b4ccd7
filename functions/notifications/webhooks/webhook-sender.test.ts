// What receivers may do: slow, dead, lying, redirecting, with a bad certificate, under a name that changes.

import { createHmac } from "node:crypto";
import type { LookupAddress } from "node:dns";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { type Addresses, createOutgoing } from "../../../lib/http/outgoing.ts";
import { makeCertificate } from "../../../tests/support/certificates.ts";
import { until } from "../../../tests/support/poll.ts";
import { bodyOf, type Message } from "./message.ts";
import { newSecret } from "./webhook.ts";
import { webhookSender } from "./webhook-sender.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port }: Pick<AddressInfo, "port"> = Object(server.address());
  return port;
}

const receiver = async (answer: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listening(createServer(answer))}/hook`;

const message: Message = {
  id: "msg_0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47",
  order_id: "one",
  type: "order.paid",
  timestamp: "2026-11-01T12:00:00.000Z",
  data: { order_id: "one", total_amount: "299.99", currency: "CNY" },
};
const secret = newSecret();
const anywhere = webhookSender(createOutgoing({ anywhere: true }), Date.now);
const guarded = webhookSender(createOutgoing({ anywhere: false }), Date.now);
const send = (url: string, sender = anywhere, timeoutMs = 60_000) =>
  sender.send({ id: "w1", url, secrets: [secret] }, message, timeoutMs);

test("A webhook that occupies its connections keeps no other one of the same host waiting", async () => {
  const under: ServerResponse[] = [];
  const url = await receiver((request, response) => {
    if (request.url?.endsWith("slow")) under.push(response);
    else response.end();
  });
  const sender = webhookSender(createOutgoing({ anywhere: true, connections: 1 }), Date.now);
  const sendTo = (id: string, path: string) =>
    sender.send({ id, url: `${url}/${path}`, secrets: [secret] }, message, 60_000);
  const slow = sendTo("w1", "slow");
  await until("it is on its way", () => under.length === 1);
  expect(await sendTo("w2", "quick")).toMatchObject({ status: 200 });
  under[0]?.end();
  expect(await slow).toMatchObject({ status: 200 });
});

describe("A message", () => {
  /** What a receiver got with these secrets. */
  async function received(secrets: readonly string[]) {
    const got: { headers: Record<string, string>; body: string }[] = [];
    const url = await receiver(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      got.push({
        headers: Object.fromEntries(Object.entries(request.headers).map(([n, v]) => [n, String(v)])),
        body,
      });
      response.end();
    });
    await anywhere.send({ id: "w1", url, secrets }, message, 60_000);
    return got[0] ?? { headers: {}, body: "" };
  }

  test("is what the specification says, and the same in every attempt", async () => {
    const { headers, body } = await received([secret]);
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "webhook-id": message.id,
      "webhook-timestamp": expect.stringMatching(/^\d{10}$/),
    });
    expect(JSON.parse(body)).toEqual({
      type: "order.paid",
      timestamp: "2026-11-01T12:00:00.000Z",
      data: { order_id: "one", total_amount: "299.99", currency: "CNY" },
    });
    expect(body).toBe(bodyOf(message));
    // By hand, as the specification has it.
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    const signed = `${message.id}.${headers["webhook-timestamp"]}.${body}`;
    const mac = createHmac("sha256", key).update(signed).digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${mac}`);
  });

  test("is verified by who has either secret while two are valid, and by nobody else", async () => {
    const former = newSecret();
    const { headers, body } = await received([secret, former]);
    for (const one of [secret, former])
      expect(new Webhook(one).verify(body, headers)).toMatchObject({ type: "order.paid" });
    expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow();
    expect(() => new Webhook(secret).verify(body.replace("299.99", "0.01"), headers)).toThrow();
  });
});

describe("A receiver", () => {
  test("is answered for by its status and the first 1,024 bytes, made readable", async () => {
    const url = await receiver((_, response) => {
      response.writeHead(503, { "retry-after": "30" }).end(`\u0007${"x".repeat(5_000)}`);
    });
    expect(await send(url)).toEqual({
      status: 503,
      reason: null,
      reply: `\uFFFD${"x".repeat(1_023)}`,
      duration_ms: expect.any(Number),
      retryAfter: 30_000,
    });
  });

  test.each([
    ["Sun, 01 Nov 2026 12:00:40 GMT", 40_000],
    ["Sunday, 01-Nov-26 12:00:40 GMT", 40_000],
    ["Sun Nov  1 12:00:40 2026", 40_000],
    ["Mon, 02 Nov 2026 12:00:00 GMT", 3_600_000],
    ["Sun, 01 Nov 2026 11:59:59 GMT", undefined],
    ["soon", undefined],
  ])("may say with a date when it is to be tried again: %s", async (date, pause) => {
    const url = await receiver((_, response) => void response.writeHead(503, { "retry-after": date }).end());
    const noon = Date.parse("2026-11-01T12:00:00Z");
    const answer = await send(
      url,
      webhookSender(createOutgoing({ anywhere: true }), () => noon),
    );
    expect(answer.retryAfter).toBe(pause);
  });

  test("that is slow has no reply", async () => {
    const url = await receiver(() => {});
    expect(await send(url, anywhere, 30)).toMatchObject({ status: null, reason: "timeout" });
  });

  test("that sends its reply byte by byte has none either, when it takes too long", async () => {
    const url = await receiver((_, response) => {
      response.writeHead(200, { "content-length": "1000" }).write("1");
    });
    expect(await send(url, anywhere, 100)).toMatchObject({ status: null, reason: "timeout" });
  });

  test("that is dead has no reply", async () => {
    const port = await listening(createTcpServer());
    await new Promise((closed) => void servers.pop()?.close(closed));
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ status: null, reason: "ECONNREFUSED" });
  });

  test("that says 200 and resets the connection before the reply is whole has not accepted", async () => {
    const port = await listening(
      createTcpServer((socket) => {
        socket.once("data", () => {
          socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", () => socket.resetAndDestroy());
        });
        socket.on("error", () => {});
      }),
    );
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ status: null, reason: "ECONNRESET" });
  });

  test("that redirects to this machine is not followed", async () => {
    let inside = 0;
    const target = await receiver((_, response) => {
      inside += 1;
      response.end();
    });
    const url = await receiver((_, response) => void response.writeHead(307, { location: target }).end());
    expect(await send(url)).toMatchObject({ status: 307 });
    expect(inside).toBe(0);
  });

  test("whose certificate nobody has signed gets nothing", async () => {
    let asked = 0;
    const { cert, key } = makeCertificate("hooks", { names: ["127.0.0.1", "localhost"] });
    const server = createSecureServer({ cert, key }, (_, response) => {
      asked += 1;
      response.end();
    });
    const port = await listening(server);
    const answer = await send(`https://127.0.0.1:${port}/`);
    expect(answer).toMatchObject({ status: null, reason: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    expect(asked).toBe(0);
  });
});

describe("Outside a developer's machine", () => {
  /** Servers at two addresses of one port, of which 127.0.0.2 counts as public, and a name that stands for the one that is set. */
  async function changingName() {
    const connected: string[] = [];
    const at = (address: string) =>
      createTcpServer((socket) => {
        connected.push(address);
        socket.destroy();
      });
    const port = await listening(at("127.0.0.1"));
    const outside = at("127.0.0.2");
    servers.push(outside);
    await new Promise<void>((resolve) => void outside.listen(port, "127.0.0.2", resolve));
    const name = { address: "127.0.0.2", lookups: 0 };
    const lookup = (_name: string, _options: object, done: (error: null, found: LookupAddress[]) => void) => {
      const { address } = name;
      // It stands for another address as soon as it was asked: before anybody could connect.
      name.address = "127.0.0.1";
      name.lookups += 1;
      done(null, [{ address, family: 4 }]);
    };
    const isPublic = (address: string) => address === "127.0.0.2";
    const addresses: Addresses = Object({ lookup, isPublic });
    const sender = webhookSender(createOutgoing({ anywhere: false, addresses }), Date.now);
    return { connected, name, send: () => send(`https://hooks.example:${port}/`, sender) };
  }

  test("a name that changes between the check and the connection leads to the address that was checked, and then nowhere", async () => {
    const { connected, name, send } = await changingName();
    expect(await send()).toMatchObject({ status: null, reason: "ECONNRESET" });
    expect([connected, name.lookups]).toEqual([["127.0.0.2"], 1]);
    expect(await send()).toMatchObject({ status: null, reason: "address_refused" });
    expect(connected).toEqual(["127.0.0.2"]);
  });

  test.each(["https://localhost/", "https://127.0.0.1/", "http://hooks.example/"])(
    "nothing is sent to %s",
    async (url) => {
      expect(await send(url, guarded)).toMatchObject({ status: null, reason: "address_refused" });
    },
  );
});
