// The same odd bytes to the gateway and to a service: what reaches the service through the gateway is never more, and never
// another request, than what the service itself would have taken from those bytes; and nobody else's answer is touched.

import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { portOf } from "../../tests/support/free-ports.ts";
import { seededRandom } from "../../tools/own-system/random.ts";
import { answerWith, type Behind, bodyOf, gatewayBefore } from "./test-behind.ts";

const SEED = Number(process.env["GATEWAY_SEED"] ?? 1);
const MUTATIONS = Number(process.env["GATEWAY_MUTATIONS"] ?? 2_000);
/** After so long without a byte no more is expected; connections that stay open are usual. */
const QUIET_MS = 40;
const TURNS = 5;
const AT_ONCE = 16;

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly body: string;
}

/** What a service takes from a request. */
async function seen(request: IncomingMessage): Promise<Seen> {
  const { method = "", url = "", headers } = request;
  return { method, path: url, user: String(headers["uuid"] ?? ""), body: await bodyOf(request) };
}

const random = seededRandom(SEED);
const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(random() * from.length)] ?? from[0];
const chance = (probability: number): boolean => random() < probability;

const smuggled = (user: string) =>
  `DELETE /api/orders/0190a000-0000-7000-8000-000000000009/ HTTP/1.1\r\nHost: x\r\nuuid: ${user}\r\n\r\n`;
const bodies = (user: string) =>
  [
    '{"a":1}',
    "",
    smuggled(user),
    "0\r\n\r\n",
    `0\r\n\r\n${smuggled(user)}`,
    `5\r\nhello\r\n0\r\n\r\n${smuggled(user)}`,
    // Trailers that would be headers, extensions, sizes in other spellings, ends of lines in others.
    `5\r\nhello\r\n0\r\nContent-Length: 7\r\nuuid: victim\r\nHost: evil.example\r\n\r\n${smuggled(user)}`,
    `5;a=1;b="\\r\\n"\r\nhello\r\n0;c\r\n\r\n${smuggled(user)}`,
    `5;a=\n\r\nhello\r\n0\r\n\r\n${smuggled(user)}`,
    `5;${"x".repeat(17_000)}\r\nhello\r\n0\r\n\r\n${smuggled(user)}`,
    `0005\r\nhello\r\n00\r\n\r\n${smuggled(user)}`,
    `0x5\r\nhello\r\n0\r\n\r\n${smuggled(user)}`,
    `5 \r\nhello\r\n0\r\n\r\n${smuggled(user)}`,
    `5\nhello\n0\n\n${smuggled(user)}`,
    `ffffffffffffffff1\r\nhello\r\n0\r\n\r\n${smuggled(user)}`,
  ] as const;
const ODD_HEADERS = [
  "Connection: content-length",
  "Connection: close, content-length, host",
  "Connection: transfer-encoding, authorization",
  "Connection: uuid, idempotency-key",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding : chunked",
  "Transfer-Encoding:\tchunked",
  "transfer-encoding: \x0bchunked",
  "Content-Length: 0",
  "Content-Length: 5",
  "Content-Length: +7",
  "Content-Length: 7, 7",
  "Content-Length: 0x7",
  "Content-Length : 7",
  "Host: elsewhere.example",
  "Expect: 100-continue",
  "Expect: 200-ok",
  "Upgrade: h2c",
  "Connection: Upgrade, HTTP2-Settings",
  "Upgrade: websocket",
  "Connection: trailer, te, keep-alive",
  "Connection: close",
  "Keep-Alive: timeout=1000, max=1",
  "Proxy-Connection: keep-alive",
  "Content-Encoding: gzip",
  "Transfer-Encoding: chunked;q=1",
  'Transfer-Encoding: "chunked"',
  "Transfer-Encoding:\r\n chunked",
  `X-Long: ${"x".repeat(15_000)}`,
  `X-Long: ${"x".repeat(17_000)}`,
  `X-${"y".repeat(17_000)}: 1`,
  "X-Many: 1\r\n".repeat(1_000).trimEnd(),
  "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
  "Trailer: content-length",
  "cfmp-target-service: PaymentService",
  "cfmp-timeout: 1",
  "X-Odd: a\r\n b",
  "X-Odd: \x00",
  "X-Odd: a\rb",
  "X-Odd: a\nContent-Length: 7",
  "X-Forwarded-Host: evil.example",
  "Idempotency-Key: k",
  "TE: trailers",
] as const;
const LINES = [
  "GET /api/orders/ HTTP/1.1",
  "POST /api/orders/ HTTP/1.1",
  "PUT /api/orders/0190a000-0000-7000-8000-000000000001/ HTTP/1.1",
  "GET http://elsewhere.example/api/orders/ HTTP/1.1",
  "GET /api/orders/ HTTP/1.0",
  "POST /api/orders/?a=%0d%0aX:1 HTTP/1.1",
  "GET /api/orders/../payments/ HTTP/1.1",
  "GET //api/orders/ HTTP/1.1",
  "HEAD /api/orders/ HTTP/1.1",
  "OPTIONS /api/orders/ HTTP/1.1",
  "POST /api/orders/ HTTP/1.1 ",
  "POST  /api/orders/ HTTP/1.1",
  "POST http://127.0.0.1/api/orders/ HTTP/1.1",
  "POST /api/orders/ HTTP/2.0",
  "PRI * HTTP/2.0",
  "CONNECT 127.0.0.1:80 HTTP/1.1",
  "TRACE /api/orders/ HTTP/1.1",
  "POST /api/nowhere/ HTTP/1.1",
  "PATCH /api/orders/ HTTP/1.1",
  "\r\n\r\nPOST /api/orders/ HTTP/1.1",
  `GET /api/orders/?a=${"x".repeat(17_000)} HTTP/1.1`,
] as const;

/** One attack: a request whose framing is odd, perhaps with another one behind it. All of it is by `user`. */
function mutation(user: string): Buffer {
  const body = pick(bodies(user));
  const headers = ["Host: 127.0.0.1", `uuid: ${user}`, "Content-Type: application/json"];
  if (chance(0.7)) headers.push(`Content-Length: ${Buffer.byteLength(body)}`);
  for (let odd = 0; odd < 3; odd += 1) if (chance(0.6)) headers.push(pick(ODD_HEADERS));
  // Many on one connection, the last of which may come in the middle of a body.
  const before = chance(0.2)
    ? `GET /api/orders/ HTTP/1.1\r\nHost: 127.0.0.1\r\nuuid: ${user}\r\n\r\n`.repeat(3)
    : "";
  const ends = chance(0.9) ? "\r\n" : "\n";
  let text = `${before}${pick(LINES)}${ends}${headers.join(ends)}${ends}${ends}${body}`;
  if (chance(0.3)) text += smuggled(user);
  const bytes = Buffer.from(text, "latin1");
  if (chance(0.3)) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  return bytes;
}

/** Sends bytes, and waits until the other side has nothing more to say. */
function send(port: number, bytes: Buffer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
  let quiet: NodeJS.Timeout | undefined;
  const wait = () => {
    clearTimeout(quiet);
    quiet = setTimeout(async () => {
      // However busy this process is: each turn lets the other side, which runs in it as well, read what it was sent.
      for (let turn = 0; turn < TURNS; turn += 1) await new Promise((next) => setImmediate(next));
      socket.destroy();
    }, QUIET_MS);
  };
  socket
    .on("data", wait)
    .on("error", () => {})
    .on("close", () => {
      clearTimeout(quiet);
      resolve();
    });
  wait();
  return promise;
}

describe("odd bytes", () => {
  let behind: Behind;
  let direct: Server;
  const throughGateway: Seen[] = [];
  const straight: Seen[] = [];

  beforeAll(async () => {
    behind = await gatewayBefore();
    for (const service of ["OrderService", "PaymentService"]) {
      await behind.instance(service, (request, response) => {
        seen(request).then(
          (all) => {
            throughGateway.push(all);
            answerWith(response, all);
          },
          () => response.destroy(),
        );
      });
    }
    direct = createServer((request, response) => {
      const { method = "", url = "", headers } = request;
      // At its head: a body that never ends counts as well.
      straight.push({ method, path: url, user: String(headers["uuid"] ?? ""), body: "" });
      seen(request).then(
        (all) => answerWith(response, all),
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve) => direct.listen(0, "127.0.0.1", resolve));
  });

  afterAll(async () => {
    direct.closeAllConnections();
    await new Promise((resolve) => direct.close(resolve));
    await behind.close();
  });

  test(`${MUTATIONS} of them (seed ${SEED}) make no second request behind the gateway, and touch nobody's answer`, async () => {
    const attacks = new Map<string, Buffer>();
    for (let begun = 0; begun < MUTATIONS; begun += AT_ONCE) {
      const users = Array.from(
        { length: Math.min(AT_ONCE, MUTATIONS - begun) },
        (_, n) => `mallory-${begun + n}`,
      );
      for (const user of users) attacks.set(user, mutation(user));
      const victims = users.map(async (_, index) => {
        const path = `/api/orders/?victim=${begun + index}`;
        const user = `victim-${begun + index}`;
        const reply = await fetch(behind.url + path, { headers: { uuid: user } });
        expect(await reply.json()).toEqual({ method: "GET", path, user, body: "" });
      });
      const bytes = users.map((user) => attacks.get(user) ?? Buffer.alloc(0));
      const sends = bytes.flatMap((each) => [send(behind.gateway.port, each), send(portOf(direct), each)]);
      await Promise.all([...victims, ...sends]);
    }
    // What is under way arrives before the gateway is closed.
    await behind.gateway.close();
    const by = (all: readonly Seen[], user: string) => all.filter((one) => one.user === user);
    const methods = (all: readonly Seen[]) => all.map(({ method }) => method).sort();
    const worse = [...attacks].filter(([user]) => {
      const [through, taken] = [by(throughGateway, user), by(straight, user)];
      const smuggles = methods(through).filter((method) => method === "DELETE").length;
      return (
        through.length > taken.length ||
        smuggles > methods(taken).filter((method) => method === "DELETE").length
      );
    });
    expect(worse.map(([user, bytes]) => ({ user, bytes: bytes.toString("latin1") }))).toEqual([]);
    expect(throughGateway.filter(({ user }) => user.startsWith("victim-"))).toHaveLength(MUTATIONS);
    expect(attacks.size).toBe(MUTATIONS);
    // The attacks are no empty threat: many are taken, and of those with a second request some reach a service as two.
    expect(throughGateway.length).toBeGreaterThan(MUTATIONS);
    expect(straight.filter(({ method }) => method === "DELETE").length).toBeGreaterThan(0);
  }, 600_000);
});
