import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import { build } from "esbuild";
import { until } from "../../tests/support/poll.ts";
import { PushClient, type PushOptions, type PushSocket } from "./push-client.ts";

/** A connection of which the test is the service. */
class FakeSocket implements PushSocket {
  readonly #listeners: [type: string, listener: (event: { readonly data: unknown }) => void][] = [];
  readyState = 0;
  readonly sent: unknown[] = [];
  readonly protocols: readonly string[];

  constructor(protocols: readonly string[]) {
    this.protocols = protocols;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  addEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void {
    this.#listeners.push([type, listener]);
  }

  close(): void {
    this.readyState = 3;
    this.#happens("close");
  }

  opens(): void {
    this.readyState = 1;
    this.#happens("open");
  }

  says(frame: object): void {
    this.#happens("message", JSON.stringify(frame));
  }

  #happens(what: string, data?: string): void {
    for (const [type, listener] of this.#listeners) if (type === what) listener({ data });
  }
}

const clients: PushClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

function start(options: Partial<PushOptions> = {}) {
  const sockets: FakeSocket[] = [];
  const client = new PushClient({
    url: "ws://service.example/live/",
    backOff: { first: 1, longest: 4 },
    open(_, protocols) {
      const socket = new FakeSocket(protocols);
      sockets.push(socket);
      return socket;
    },
    ...options,
  });
  clients.push(client);
  const seen: number[] = [];
  client.on("notification", ({ position }) => seen.push(position));
  const next = async (count: number): Promise<FakeSocket> => {
    await until("it connects", () => sockets.length >= count);
    const socket = sockets[count - 1] ?? new FakeSocket([]);
    socket.opens();
    return socket;
  };
  return { client, sockets, seen, next };
}

const frame = (position: number) => ({
  type: "notification",
  position,
  notification: { id: `n${position}` },
});

describe("A client of live notifications", () => {
  test("asks for what comes now, passes it on, and continues from there after it lost its connection", async () => {
    const { client, seen, next } = start({ token: () => "a.b.c" });
    const states: string[] = [];
    client.on("state", ({ state }) => states.push(state));
    const first = await next(1);
    expect(first.protocols).toEqual(["cfmp.v1", "bearer.a.b.c"]);
    expect(first.sent).toEqual([{ type: "since" }]);
    first.says({ type: "ready", position: 4 });
    first.says(frame(5));
    first.close();
    const second = await next(2);
    expect(second.sent).toEqual([{ type: "since", position: 5 }]);
    second.says(frame(6));
    second.says({ type: "ready", position: 6 });
    expect(seen).toEqual([5, 6]);
    expect(client.position).toBe(6);
    expect(states).toEqual(["live", "waiting", "connecting", "live"]);
  });

  test("passes each position on once and in order, and asks for what is missing", async () => {
    const { seen, next } = start({ position: 0 });
    const socket = await next(1);
    for (const position of [1, 1, 2]) socket.says(frame(position));
    socket.says({ type: "ready", position: 2 });
    for (const position of [4, 5, 2, 3]) socket.says(frame(position));
    expect(socket.sent).toEqual([
      { type: "since", position: 0 },
      { type: "since", position: 2 },
    ]);
    for (const position of [3, 4, 5]) socket.says(frame(position));
    socket.says({ type: "ready", position: 5 });
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  test("goes on from where it is told when it can't be continued, and past what was deleted", async () => {
    const { client, seen, next } = start({ position: 5 });
    const resets: number[] = [];
    client.on("reset", ({ position }) => resets.push(position));
    const socket = await next(1);
    socket.says({ type: "reset", position: 2_000 });
    socket.says({ type: "ready", position: 2_000 });
    socket.says({ type: "deleted", position: 2_001, id: "n" });
    socket.says(frame(2_002));
    expect([resets, seen]).toEqual([[2_000], [2_002]]);
  });

  test("gives a connection up that does not answer pings, and ignores what it says later", async () => {
    const { seen, sockets } = start({ position: 0, pingMs: 20 });
    const pinged = () => sockets.find(({ sent }) => sent.length > 1);
    await until("it pings", () => {
      const last = sockets.at(-1);
      if (last?.readyState === 0) {
        last.opens();
        last.says({ type: "ready", position: 0 });
      }
      return pinged() !== undefined;
    });
    const silent = pinged();
    expect(silent?.sent[1]).toEqual({ type: "ping", position: 0 });
    await until(
      "it connects again",
      () => silent !== undefined && sockets.indexOf(silent) < sockets.length - 1,
    );
    silent?.says(frame(1));
    expect(seen).toEqual([]);
  });

  test("asks again when what it asked for is not answered, though its pings are", async () => {
    const { client, next } = start({ pingMs: 20 });
    const socket = await next(1);
    await until("it asks again", () => {
      // As the answer to anything else: the connection is alive.
      socket.says({ type: "pong" });
      return socket.sent.length > 1;
    });
    expect(socket.sent.slice(0, 2)).toEqual([{ type: "since" }, { type: "since" }]);
    socket.says({ type: "ready", position: 3 });
    expect(client.state).toBe("live");
  });

  test("tries again when there is no token, with pauses that grow up to a bound", async () => {
    let asked = 0;
    const { client, sockets } = start({
      random: () => 1,
      token() {
        asked += 1;
        if (asked < 5) throw new Error("not now");
        return "a.b.c";
      },
    });
    await until("it connects", () => sockets.length === 1);
    expect(asked).toBe(5);
    client.close();
    expect(client.state).toBe("closed");
  });

  test("is an iterator of notifications, which ends with it", async () => {
    const { client, next } = start({ position: 0 });
    const socket = await next(1);
    const read: number[] = [];
    const reading = (async () => {
      for await (const { position } of client) read.push(position);
    })();
    for (const position of [1, 2, 3]) socket.says(frame(position));
    await until("they are read", () => read.length === 3);
    client.close();
    await reading;
    expect(read).toEqual([1, 2, 3]);
  });

  test("takes 5 KiB at most in a page", async () => {
    const { outputFiles } = await build({
      entryPoints: [`${import.meta.dirname}/push-client.ts`],
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      write: false,
    });
    expect(gzipSync(outputFiles[0]?.contents ?? "").length).toBeLessThanOrEqual(5 * 1024);
  });
});
