import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { WebSocket } from "ws";
import { HeldSockets } from "../../lib/live/sockets.ts";
import { until } from "../../tests/support/poll.ts";
import { type HttpListener, httpListener } from "../shared/listener/http-server.ts";
import type { HostedFunction } from "./invoke.ts";
import type { SocketRoute } from "./socket-event.ts";
import { type SocketLimits, socketHost } from "./sockets.ts";

interface Seen {
  readonly route: string;
  readonly body: unknown;
}

let listener: HttpListener;
let port: number;
let held: HeldSockets;
let seen: Seen[];
let ids: string[];
let accept: object;
let onMessage: () => Promise<void>;
const clients: WebSocket[] = [];

const hosted = (route: SocketRoute): HostedFunction => ({
  name: route,
  timeoutMs: 1_000,
  memoryMb: 128,
  async invoke(event) {
    const { body, requestContext } = event as { body?: string; requestContext: { connectionId: string } };
    seen.push({ route, body });
    if (route === "$connect") ids.push(requestContext.connectionId);
    if (route === "$default") await onMessage();
    return route === "$connect" ? accept : { statusCode: 200 };
  },
  report() {},
});

async function listen(limits: Partial<SocketLimits> = {}): Promise<void> {
  held = new HeldSockets();
  const upgrade = socketHost({
    path: "/live/",
    functions: {
      $connect: hosted("$connect"),
      $disconnect: hosted("$disconnect"),
      $default: hosted("$default"),
    },
    domainName: () => "127.0.0.1:1",
    held,
    limits,
  });
  listener = httpListener(
    { reach: "loopback", hosts: () => {}, origins: [], maxBodyBytes: 1_000, upgrade },
    (_, response) => response.end(),
  );
  port = await listener.open({ host: "127.0.0.1", port: 0 });
}

beforeEach(() => {
  seen = [];
  ids = [];
  accept = { statusCode: 200, headers: { "Sec-WebSocket-Protocol": "one" } };
  onMessage = async () => {};
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await listener.close(0);
});

function client(path = "/live/", autoPong = true): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, ["one", "two"], { autoPong });
  clients.push(socket);
  socket.on("error", () => {});
  return socket;
}

async function opened(autoPong = true): Promise<WebSocket> {
  const socket = client("/live/", autoPong);
  await new Promise<void>((resolve) => void socket.on("open", resolve));
  await until("it is held", () => held.get(ids.at(-1) ?? "") !== undefined);
  return socket;
}

const closeOf = (socket: WebSocket) => new Promise<number>((resolve) => void socket.on("close", resolve));
const routes = () => seen.map(({ route }) => route);

describe("A WebSocket connection", () => {
  test("is opened, used and ended by its functions, message after message", async () => {
    await listen();
    const socket = await opened();
    expect(socket.protocol).toBe("one");
    const messages = ["a", "b", "c"];
    for (const message of messages) socket.send(message);
    await until("all arrive", () => seen.length === 4);
    expect(seen.slice(1).map(({ body }) => body)).toEqual(messages);
    const received: string[] = [];
    socket.on("message", (data) => void received.push(data.toString("utf8")));
    expect(held.get(ids[0] ?? "")?.send("hello")).toBe(true);
    await until("it arrives", () => received.length === 1);
    socket.close();
    await until("its end is known", () => routes().at(-1) === "$disconnect");
    expect(held.get(ids[0] ?? "")).toBeUndefined();
    expect(routes().filter((route) => route === "$disconnect")).toHaveLength(1);
  });

  test.each([
    ["its function refuses it", "/live/", 401],
    ["nothing is there", "/other/", 404],
  ])("is refused when %s", async (_, path, status) => {
    await listen();
    accept = { statusCode: 401, body: '{"code":"token_missing","detail":"none"}' };
    const socket = client(path);
    const refused = await new Promise<number | undefined>((resolve) => {
      socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
    });
    expect(refused).toBe(status);
    expect(routes()).not.toContain("$disconnect");
  });

  test("is cut off when its client does not read", async () => {
    await listen({ unreadBytes: 64 * 1024 });
    const socket: Socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(
      "GET /live/ HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\n" +
        "sec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nsec-websocket-protocol: one\r\n\r\n",
    );
    await until("it is held", () => held.get(ids[0] ?? "") !== undefined);
    socket.pause();
    const text = "x".repeat(16 * 1024);
    let sent = 0;
    while (held.get(ids[0] ?? "")?.send(text) === true && sent < 10_000) sent += 1;
    expect(sent).toBeLessThan(10_000);
    await until("its end is known", () => routes().includes("$disconnect"));
    socket.destroy();
  });

  test("is closed when it sends faster than its messages are handled, too much at once, or bytes", async () => {
    await listen({ waiting: 4, messageBytes: 100 });
    const { promise, resolve } = Promise.withResolvers<void>();
    onMessage = () => promise;
    const fast = await opened();
    for (let n = 0; n < 20; n += 1) fast.send("again");
    expect(await closeOf(fast)).toBe(1008);
    resolve();
    const large = await opened();
    large.send("x".repeat(101));
    expect(await closeOf(large)).toBe(1009);
  });

  describe("and signs of life", () => {
    const pingMs = 20;
    /** All that both clients were asked and have answered has been read: the answer to a ping of theirs comes after it. */
    const read = (sockets: readonly WebSocket[]) =>
      Promise.all(
        sockets.map((socket) => {
          const answered = new Promise<void>((resolve) => void socket.on("pong", resolve));
          socket.ping();
          return answered;
        }),
      );
    let now: number;
    async function beat(sockets: readonly WebSocket[], late = 0) {
      const asked = Promise.all(
        sockets.map((socket) => new Promise<void>((resolve) => void socket.on("ping", resolve))),
      );
      now += pingMs + late;
      jest.advanceTimersByTime(pingMs);
      await asked;
      await read(sockets);
    }

    beforeEach(() => {
      // Only intervals, which are beats.
      jest.useFakeTimers({
        doNotFake: [
          "Date",
          "performance",
          "setTimeout",
          "clearTimeout",
          "setImmediate",
          "nextTick",
          "queueMicrotask",
        ],
      });
      now = performance.now();
      jest.spyOn(performance, "now").mockImplementation(() => now);
    });
    afterEach(() => {
      jest.useRealTimers();
      jest.restoreAllMocks();
    });

    test("is cut off when its client gives none", async () => {
      await listen({ pingMs });
      const [alive, dead] = [await opened(), await opened(false)];
      await beat([alive, dead]);
      const cut = closeOf(dead);
      await beat([alive]);
      expect(await cut).toBe(1006);
      await beat([alive]);
      expect(alive.readyState).toBe(WebSocket.OPEN);
    });

    test("is kept after a stall of the process, in which nothing was read", async () => {
      await listen({ pingMs });
      const silent = await opened(false);
      await beat([silent]);
      await beat([silent], 10 * pingMs);
      expect(silent.readyState).toBe(WebSocket.OPEN);
      const cut = closeOf(silent);
      jest.advanceTimersByTime(pingMs);
      expect(await cut).toBe(1006);
    });
  });

  test("is refused beyond the number that a process holds", async () => {
    await listen({ connections: 1 });
    await opened();
    const socket = client();
    const { statusCode, headers } = await new Promise<IncomingMessage>((resolve) => {
      socket.on("unexpected-response", (_, response) => resolve(response));
    });
    // Of other requests it takes as many as before.
    expect([statusCode, headers["cfmp-retry-scope"]]).toEqual([503, "connections"]);
  });

  test("is closed with 1001 when the listener stops", async () => {
    await listen();
    const socket = await opened();
    const closed = closeOf(socket);
    listener.letGo();
    expect(await closed).toBe(1001);
    const late = client();
    await closeOf(late);
    expect(routes().filter((route) => route === "$connect")).toHaveLength(1);
  });
});
