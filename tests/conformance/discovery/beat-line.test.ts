// Heartbeats over one connection: the embedded registry takes them, and its client goes on by HTTP whenever that fails.

import { createServer } from "node:http";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { callAt } from "../../../lib/core/call-at.ts";
import { eachLine } from "../../../lib/core/lines.ts";
import { upgrade } from "../../../lib/core/upgrade.ts";
import { BEAT_PROTOCOL, type BeatInstance, BeatLine } from "../../../lib/discovery/registry/beat-line.ts";
import { NacosV3 } from "../../../lib/discovery/registry/nacos-v3.ts";
import { NacosTransport } from "../../../lib/nacos/transport.ts";
import { EmbeddedRegistry } from "../../support/embedded-registry.ts";
import { listen, portOf } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { silentLog as log } from "../../support/silent-log.ts";
import { NacosHttp } from "./nacos-http.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const instance = (port: number, ip = "127.0.0.1"): BeatInstance => ({
  serviceName: "Order",
  groupName: "DEFAULT_GROUP",
  namespaceId: "public",
  ip,
  port,
});

async function embedded(account?: { username: string; password: string }) {
  const registry = await EmbeddedRegistry.start(0, account);
  cleanups.push(() => registry.close());
  return registry;
}

/** A connection to the registry that has changed to the protocol, and the answers that arrived on it. */
async function connected(registry: EmbeddedRegistry) {
  const socket = await upgrade(`http://${registry.address}`, BEAT_PROTOCOL).socket;
  cleanups.push(() => socket.destroy());
  const answers: unknown[] = [];
  eachLine(socket, (text) => answers.push(JSON.parse(text)));
  const ask = async (text: string) => {
    const { length } = answers;
    socket.write(`${text}\n`);
    await until("it is answered", () => answers.length > length);
    return answers.at(-1);
  };
  return { socket, answers, ask };
}

describe("the embedded registry", () => {
  test("renews all instances of a message, and says which of them it knows", async () => {
    const registry = await embedded();
    const http = new NacosHttp(registry.address);
    const service = { serviceName: "DEFAULT_GROUP@@Order" };
    const metadata = JSON.stringify({ "preserved.heart.beat.timeout": "60000" });
    await http.register({ ...service, ip: "127.0.0.1", port: 7001, metadata, healthy: false });
    expect((await http.list(service)).hosts).toMatchObject([{ healthy: false }]);
    const { ask } = await connected(registry);
    const message = { beats: [instance(7001), instance(7002), instance(7001, "127.0.0.2")] };
    expect(await ask(JSON.stringify(message))).toEqual({ known: [true, false, false] });
    expect((await http.list(service)).hosts).toMatchObject([{ port: 7001, healthy: true }]);
  });

  test.each([
    ['{"beats":[{"serviceName":"Order","ip":"127.0.0.1","port":70000}]}', /port/],
    ['{"beats":[{"ip":"127.0.0.1","port":7000}]}', /serviceName/],
    ['{"beats":1}', /beats/],
  ])("refuses %s as a whole, and goes on with the next", async (text, reason) => {
    const { ask } = await connected(await embedded());
    expect(await ask(text)).toEqual({ refused: expect.stringMatching(reason) });
    expect(await ask('{"beats":[]}')).toEqual({ known: [] });
    expect(await ask("no JSON")).toEqual({ known: [] });
  });

  test("closes the connection of a message without end, and the one of a client that ends it", async () => {
    const registry = await embedded();
    const { socket } = await connected(registry);
    socket.write("x".repeat(100_000));
    await until("it is closed", () => socket.closed);
    const other = await connected(registry);
    other.socket.end();
    await until("it is closed", () => other.socket.closed);
  });

  test("answers all messages of a client that reads late", async () => {
    const { socket, answers } = await connected(await embedded());
    socket.pause();
    const beats = Array.from({ length: 400 }, (_, at) => instance(at + 1));
    const message = `${JSON.stringify({ beats })}\n`;
    let sent = 0;
    // Until the registry reads no more: its answers fill the buffers of the connection.
    while (socket.write(message) || (await Promise.race([drained(socket), passed(200)]))) sent += 1;
    socket.resume();
    await until("all are answered", () => answers.length === sent + 1);
  });

  test("with an account, takes them with a token alone", async () => {
    const account = { username: "nacos", password: "secret" };
    const registry = await embedded(account);
    const transport = new NacosTransport({ server: registry.address, ...account, log });
    cleanups.push(() => transport.close());
    const { ask } = await connected(registry);
    const message = { beats: [instance(7001)] };
    expect(await ask(JSON.stringify(message))).toHaveProperty("refused");
    const accessToken = await transport.accessToken();
    expect(await ask(JSON.stringify({ ...message, accessToken }))).toEqual({ known: [false] });
  });
});

const drained = (socket: Socket) =>
  new Promise<boolean>((resolve) => socket.once("drain", () => resolve(true)));
const passed = (ms: number) =>
  new Promise<boolean>((resolve) => void callAt(performance.now() + ms, () => resolve(false)));

/** A server that takes the protocol, or answers with `status`, and what it got. @param answerMs how long its client waits. */
async function server(status?: number, answerMs = 300_000) {
  const sockets: Socket[] = [];
  const lines: string[] = [];
  const asked: string[] = [];
  const http = createServer((request, response) => {
    asked.push(String(request.headers.upgrade));
    response.writeHead(status ?? 200).end();
  });
  if (status === undefined)
    http.on("upgrade", (request, socket: Socket) => {
      asked.push(String(request.headers.upgrade));
      socket.on("error", () => {});
      socket.write(`HTTP/1.1 101 Switching\r\nconnection: Upgrade\r\nupgrade: ${BEAT_PROTOCOL}\r\n\r\n`);
      sockets.push(socket);
      eachLine(socket, (text) => lines.push(text));
    });
  await listen(http);
  const line = new BeatLine(`http://127.0.0.1:${portOf(http)}`, answerMs);
  cleanups.push(async () => {
    line.close();
    for (const socket of sockets) socket.destroy();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  const answer = (known: unknown) => sockets.at(-1)?.write(`${JSON.stringify(known)}\n`);
  const opened = async () => {
    line.open();
    await until("it is open", () => line.isOpen);
  };
  return { line, lines, asked, sockets, answer, opened };
}

describe("a line of heartbeats", () => {
  test("sends those of one turn as one message, and gives each its part of the answer", async () => {
    const { line, lines, answer, opened } = await server();
    expect(await line.beat(instance(1))).toBeUndefined();
    await opened();
    const beats = [1, 2, 3].map((port) => line.beat(instance(port), "token"));
    const message = await until("it arrives", () => lines[0]);
    expect(JSON.parse(message)).toEqual({ accessToken: "token", beats: [1, 2, 3].map((at) => instance(at)) });
    const later = line.beat(instance(4));
    await until("that arrives too", () => lines.length === 2);
    answer({ known: [true, false] });
    expect(await Promise.all(beats)).toEqual([true, false, undefined]);
    answer({ refused: "no" });
    expect(await later).toBeUndefined();
  });

  test("has no answer when nobody answers in time, and is closed then", async () => {
    const { line, lines, opened } = await server(undefined, 50);
    await opened();
    expect(await line.beat(instance(1))).toBeUndefined();
    await until("it is closed", () => !line.isOpen);
    expect(lines.length).toBeLessThanOrEqual(1);
  });

  test("has no answer when the connection is lost; it can be opened again then", async () => {
    const { line, lines, sockets, answer, opened } = await server();
    await opened();
    const lost = line.beat(instance(1));
    await until("it arrives", () => lines.length === 1);
    sockets.at(-1)?.destroy();
    expect(await lost).toBeUndefined();
    expect(line.isOpen).toBe(false);
    await opened();
    const known = line.beat(instance(1));
    await until("it arrives", () => lines.length === 2);
    answer({ known: [true] });
    expect(await known).toBe(true);
  });

  test("is asked for once at a registry that does not have it, and again at one that fails", async () => {
    const older = await server(404);
    const failing = await server(503);
    for (const { line, asked } of [older, failing]) {
      line.open();
      await until("it is asked for", () => asked.length === 1);
      expect(asked).toEqual([BEAT_PROTOCOL]);
    }
    await until("it is asked for again", () => {
      failing.line.open();
      older.line.open();
      return failing.asked.length > 2;
    });
    expect(older.asked.length).toBe(1);
  });
});

class CountingTransport extends NacosTransport {
  readonly methods: string[] = [];

  override call(...given: Parameters<NacosTransport["call"]>): ReturnType<NacosTransport["call"]> {
    this.methods.push(given[0]);
    return super.call(...given);
  }
}

describe("a client of the embedded registry", () => {
  test("sends its heartbeats by the line, registers anew what is unknown there, and goes on after a restart", async () => {
    const registry = await embedded();
    const transport = new CountingTransport({ server: registry.address, log });
    const scope = { namespace: "public", group: "DEFAULT_GROUP", cluster: "DEFAULT" };
    const naming = new NacosV3({ transport, ...scope }, true);
    cleanups.push(async () => {
      await naming.close();
      await transport.close();
    });
    const registration = { service: "Order", host: "127.0.0.1", port: 7001, weight: 1, metadata: {} };
    await naming.register(registration);
    expect(transport.methods).toEqual(["POST"]);
    /** Sends heartbeats until one needs no request. */
    const byLine = () =>
      until("the line is used", async () => {
        const { length } = transport.methods;
        await naming.beat(registration);
        return transport.methods.length === length;
      });
    await byLine();
    await naming.deregister(registration);
    expect(await naming.list("Order")).toEqual([]);
    await naming.beat(registration);
    expect(await naming.list("Order")).toMatchObject([{ port: 7001 }]);
    await registry.restart();
    await until("the restart is noticed", async () => {
      await naming.beat(registration).catch(() => {});
      return (await naming.list("Order")).length === 1;
    });
    await byLine();
  });
});
