// What becomes of requests when the other side, or the connection, does not do what it should.

import { createServer as createHttpServer } from "node:http";
import { createServer, type Server, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { until } from "../../../tests/support/poll.ts";
import { begin } from "../../../tests/support/run.ts";
import { UpgradeRefused } from "../../core/upgrade.ts";
import { FrameClient } from "./client.ts";
import { MAX_BODY_BYTES } from "./frame.ts";
import { type FrameServer, frameBytes, frameServer, listening, type Received } from "./test-server.ts";

/** Never reached. */
const PATIENT_MS = 600_000;

let server: FrameServer;
let client: FrameClient;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(answer?: (request: Received) => void, timeoutMs = PATIENT_MS): Promise<void> {
  server = await frameServer(answer);
  cleanups.push(() => server.close());
  connectTo(server.url, timeoutMs);
}

function connectTo(url: string, timeoutMs = PATIENT_MS): void {
  const connected = new FrameClient(url, timeoutMs);
  client = connected;
  cleanups.push(() => connected.close());
}

const ask = (body: string) => client.exchange("GetItem", body);
const textOf = async (body: string) => (await ask(body)).text;
const failing = (exchange: Promise<unknown>) => exchange.catch((error: Error) => error);
const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n));
const echo = (request: Received) => request.reply(request.body);

describe("requests", () => {
  test("of one turn are sent together, over one connection", async () => {
    await start(echo);
    await ask("first");
    const before = server.chunks.length;
    expect(await Promise.all(numbers(20).map(textOf))).toEqual(numbers(20));
    expect(server.chunks.slice(before)).toEqual([20]);
    expect(server.received.every(({ connection }) => connection === 1)).toBe(true);
  });

  test("get their own replies, in whatever order these come", async () => {
    await start((request) => {
      if (server.received.length === 50) for (const one of server.received.toReversed()) echo(one);
      else if (server.received.length > 50) echo(request);
    });
    expect(await Promise.all(numbers(50).map(textOf))).toEqual(numbers(50));
  });

  test("have their operation, and get the reply's status and write failure", async () => {
    await start((request) => request.reply("no", "503 its disk fails"));
    expect(await client.exchange("PutItem", "{}")).toEqual({
      status: 503,
      text: "no",
      writeFailure: "its disk fails",
    });
    expect(server.received[0]?.operation).toBe("PutItem");
  });

  test("above DynamoDB's limit are not sent", async () => {
    await start(echo);
    expect(await ask("x".repeat(MAX_BODY_BYTES + 1))).toMatchObject({ status: 413 });
    expect(server.received).toEqual([]);
  });

  test("beyond what may be unanswered wait, and none is lost", async () => {
    await start(() => {});
    const replies = Promise.all(numbers(600).map(textOf));
    await until("the first have come", () => server.received.length >= 256);
    expect(server.received).toHaveLength(256);
    let answered = 0;
    await until("all are answered", () => {
      for (const request of server.received.slice(answered)) echo(request);
      answered = server.received.length;
      return answered === 600;
    });
    expect(await replies).toEqual(numbers(600));
  });

  test("of many bytes wait for a server that does not read, and none is lost", async () => {
    await start(echo);
    await ask("first");
    const [socket] = server.open;
    socket?.pause();
    const large = "x".repeat(1024 * 1024);
    const written = jest.spyOn(Socket.prototype, "write");
    cleanups.push(() => written.mockRestore());
    const sizes = Array.from({ length: 60 }, async () => (await ask(large)).text.length);
    // Those for which there is room go at once, as one write.
    await until("some are written", () => written.mock.calls.length > 0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toHaveBeenCalledTimes(1);
    expect(Buffer.from(String(written.mock.calls[0]?.[0])).length).toBeLessThan(18 * 1024 * 1024);
    written.mockRestore();
    socket?.resume();
    expect(new Set(await Promise.all(sizes))).toEqual(new Set([large.length]));
  });
});

describe("a connection that is lost", () => {
  test("fails the requests that were written, and the next request has a new one", async () => {
    await start((request) => (request.connection === 1 ? request.socket.destroy() : echo(request)));
    expect(await Promise.all([failing(ask("a")), failing(ask("b"))])).toEqual([
      expect.objectContaining({ message: "The connection to the database was lost" }),
      expect.objectContaining({ message: "The connection to the database was lost" }),
    ]);
    expect(await textOf("c")).toBe("c");
  });

  test("between two requests is not noticed", async () => {
    await start(echo);
    await ask("a");
    for (const socket of server.open) socket.destroy();
    await until("it is gone", () => server.open.size === 0);
    // The end may still be on its way to the client: then this one fails, as one that was written.
    await failing(ask("b"));
    expect(await textOf("c")).toBe("c");
  });

  test("in the middle of a reply gives no part of it", async () => {
    await start(({ connection, socket, number, ...request }) => {
      if (connection > 1) return request.reply();
      socket.write(frameBytes(number, "200", "a long reply").subarray(0, 12), () => socket.destroy());
    });
    expect(await failing(ask("a"))).toBeInstanceOf(Error);
    expect(await textOf("b")).toBe("{}");
  });

  test("that could not be made fails the requests that wait for it", async () => {
    await start();
    await server.close();
    expect(await failing(ask("a"))).toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("a request that is not answered in time", () => {
  const LIMIT_MS = 2_500;
  /** Lets time pass for the client alone, then lets it read what has arrived. */
  async function pass(milliseconds: number): Promise<void> {
    jest.advanceTimersByTime(milliseconds);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask", "Date"] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  const sent = (body: string) =>
    until(`${body} has come`, () => server.received.find((request) => request.body === body));
  const timedOut = { message: `No reply within ${LIMIT_MS} ms` };

  test("fails alone: those beside it still get their replies, and the next go over a new connection", async () => {
    await start((request) => request.connection > 1 && echo(request), LIMIT_MS);
    const late = failing(ask("late"));
    const request = await sent("late");
    await pass(2_000);
    const beside = textOf("beside");
    const another = await sent("beside");
    await pass(500);
    expect(await late).toMatchObject(timedOut);
    expect(await textOf("next")).toBe("next");
    // Its reply, when it does come, is nobody's.
    request.reply("too late");
    echo(another);
    expect(await beside).toBe("beside");
    expect(await textOf("last")).toBe("last");
    expect(server.received.map(({ connection }) => connection)).toEqual([1, 1, 2, 2]);
    await until("the old connection is closed", () => server.open.size === 1);
  });

  test("fails though the other side is gone without a trace, and its connection is replaced", async () => {
    await start((request) => request.connection > 1 && echo(request), LIMIT_MS);
    const failures = ["a", "b", "c"].map((body) => failing(ask(body)));
    await sent("c");
    await pass(LIMIT_MS);
    expect(await Promise.all(failures)).toEqual([1, 2, 3].map(() => expect.objectContaining(timedOut)));
    await until("the connection is closed", () => server.open.size === 0);
    expect(await textOf("d")).toBe("d");
  });

  test("fails while it waits for a connection, and the next request tries again", async () => {
    const waiting = new Set<Socket>();
    let answering = false;
    const silent: Server = createServer((socket) => {
      waiting.add(socket);
      if (answering) socket.destroy();
    });
    cleanups.push(() => new Promise((resolve) => silent.close(resolve)));
    cleanups.push(() => {
      for (const socket of waiting) socket.destroy();
    });
    connectTo(await listening(silent), LIMIT_MS);
    const failure = failing(ask("a"));
    await until("it connects", () => waiting.size === 1);
    await pass(LIMIT_MS);
    expect(await failure).toMatchObject(timedOut);
    answering = true;
    expect(await failing(ask("b"))).toMatchObject({ code: "ECONNRESET" });
  });

  test("fails while it waits for room, and a new connection takes the next", async () => {
    await start((request) => request.connection > 1 && echo(request), LIMIT_MS);
    const failures = numbers(300).map((body) => failing(ask(body)));
    await sent("255");
    await pass(LIMIT_MS);
    const kinds = (await Promise.all(failures)).map((failure) => failure instanceof Error);
    expect(kinds).toEqual(kinds.map(() => true));
    expect(await textOf("next")).toBe("next");
  });
});

describe("a server that breaks the protocol loses the connection, and what was asked on it fails:", () => {
  const HEAD_MISSING = frameBytes(1, "", "{}");
  test.each<[string, (request: Received) => Buffer]>([
    ["no frames", () => Buffer.from("HTTP/1.1 200 OK\r\n\r\n")],
    ["a frame that is too long", () => Buffer.from("7fffffff00000001", "hex")],
    ["a reply to no request", () => frameBytes(77, "200", "{}")],
    ["a reply without a status", () => HEAD_MISSING],
  ])("%s", async (_, bytes) => {
    await start((request) => {
      if (request.connection > 1) echo(request);
      else if (request.body === "b") request.socket.write(bytes(request));
    });
    const failures = await Promise.all(["a", "b"].map((body) => failing(ask(body))));
    expect(failures).toEqual([1, 2].map(() => expect.objectContaining({ name: "MalformedFrame" })));
    expect(await textOf("c")).toBe("c");
  });

  test("two replies to one request", async () => {
    await start((request) => {
      if (request.body === "b" && request.connection === 1) return;
      echo(request);
      if (request.connection === 1) echo(request);
    });
    const b = failing(ask("b"));
    await sentTo(server, "b");
    expect(await textOf("a")).toBe("a");
    expect(await b).toMatchObject({ message: "A reply belongs to no request" });
    expect(await textOf("c")).toBe("c");
  });

  test("another protocol", async () => {
    const other = createHttpServer();
    other.on("upgrade", (_, socket) =>
      socket.end("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"),
    );
    cleanups.push(() => other.close());
    connectTo(await listening(other));
    expect(await failing(ask("a"))).toMatchObject({ message: "The server changed to another protocol" });
  });
});

const sentTo = ({ received }: FrameServer, body: string) =>
  until(`${body} has come`, () => received.some((request) => request.body === body));

describe("a server without frames", () => {
  test.each([200, 400, 404, 421, 426])("is known by its answer %i", async (status) => {
    const http = createHttpServer((_, reply) => reply.writeHead(status).end("x"));
    cleanups.push(() => http.close());
    connectTo(await listening(http));
    const failures = await Promise.all(["a", "b"].map((body) => failing(ask(body))));
    expect(failures.every((failure) => failure instanceof UpgradeRefused)).toBe(true);
  });

  test.each([500, 503])("is not known by %i: that is an attempt which failed", async (status) => {
    const http = createHttpServer((_, reply) => reply.writeHead(status).end());
    cleanups.push(() => http.close());
    connectTo(await listening(http));
    expect(await failing(ask("a"))).not.toBeInstanceOf(UpgradeRefused);
  });
});

describe("a request that nobody waits for any more", () => {
  const gone = new Error("gone");

  test("ends at once; its reply is nobody's, and the connection stays", async () => {
    await start((request) => request.body !== "a" && echo(request));
    const caller = new AbortController();
    const exchange = failing(client.exchange("Query", "a", caller.signal));
    await sentTo(server, "a");
    caller.abort(gone);
    expect(await exchange).toBeInstanceOf(Error);
    const beside = textOf("b");
    server.received[0]?.reply("for a");
    expect(await beside).toBe("b");
    expect(await textOf("c")).toBe("c");
    expect(server.received.every(({ connection }) => connection === 1)).toBe(true);
  });

  test("is not sent when it was not sent before", async () => {
    await start(echo);
    const caller = new AbortController();
    const exchange = failing(client.exchange("Query", "a", caller.signal));
    caller.abort(gone);
    expect(await exchange).toBeInstanceOf(Error);
    await ask("b");
    expect(server.received.map(({ body }) => body)).toEqual(["b"]);
  });
});

describe("a client", () => {
  test("that is closed has waited for its replies, closes its connection, and takes nothing more", async () => {
    await start(() => {});
    const reply = textOf("a");
    await sentTo(server, "a");
    const closed = client.close();
    expect(await failing(ask("b"))).toMatchObject({ message: "The client of the database is closed" });
    for (const request of server.received) echo(request);
    expect(await reply).toBe("a");
    await closed;
    await until("the connection is closed", () => server.open.size === 0);
  });

  test("that is never closed keeps no process alive", async () => {
    await start(echo);
    const script = `
      const { FrameClient } = await import(${JSON.stringify(new URL("client.ts", import.meta.url).href)});
      const { text } = await new FrameClient(${JSON.stringify(server.url)}, 60_000).exchange("GetItem", "a");
      process.stdout.write(text);`;
    const child = await begin(process.execPath, ["--no-warnings", "--input-type=module", "-e", script]);
    expect(await child.ended).toBe(0);
    expect(child.stdout()).toBe("a");
  });
});
