// The guard of what is not HTTP, on a real socket; an admitted client gets no data.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { type TcpLimits, tcpLimits } from "./limits.ts";
import { type TcpListener, tcpListener } from "./tcp-server.ts";

const NEVER = Number.POSITIVE_INFINITY;
const lenient: TcpLimits = { connections: 10, firstMs: 600_000, silentMs: NEVER, totalMs: NEVER };
let listener: TcpListener;
let port: number;

afterEach(() => listener.close());

async function listen(limits: Partial<TcpLimits>): Promise<void> {
  listener = tcpListener({ ...lenient, ...limits }, (socket) => socket.resume());
  port = await listener.open({ host: "127.0.0.1", port: 0 });
}

/** A client that is connected; `closed` when the other side has had enough. */
async function client(): Promise<{ readonly socket: Socket; readonly closed: Promise<unknown> }> {
  const socket = connect(port, "127.0.0.1").resume();
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await once(socket, "connect");
  return { socket, closed };
}

test("who says nothing is closed", async () => {
  await listen({ firstMs: 50 });
  await (await client()).closed;
});

test("who falls silent is closed", async () => {
  await listen({ silentMs: 50 });
  const { socket, closed } = await client();
  socket.write("a");
  await closed;
});

test("who never comes to an end is closed", async () => {
  await listen({ totalMs: 100, silentMs: 60_000 });
  const { socket, closed } = await client();
  const drip = setInterval(() => socket.write("a"), 5);
  await closed;
  clearInterval(drip);
});

test("who is one too many is closed, and those before stay", async () => {
  await listen({ connections: 2 });
  const held = [await client(), await client()];
  await (await client()).closed;
  for (const { socket } of held) {
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  }
});

test("limits follow the settings, and a port's own number of connections is never exceeded", () => {
  const env = { LISTENER_WAIT_SECONDS: "2", LISTENER_CONNECTIONS: "150" };
  expect(tcpLimits(100, env)).toEqual({
    connections: 100,
    firstMs: 2_000,
    silentMs: 12_000,
    totalMs: 30_000,
  });
  expect(tcpLimits(200, env).connections).toBe(150);
  expect(tcpLimits(100, {})).toEqual({
    connections: 100,
    firstMs: 10_000,
    silentMs: 60_000,
    totalMs: 150_000,
  });
});
