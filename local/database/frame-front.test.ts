// The database's side of frames as its clients meet it, in front of answers that each test gives.

import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { upgrade } from "../../lib/core/upgrade.ts";
import {
  type Frame,
  FrameReader,
  FrameWriter,
  MAX_BODY_BYTES,
  PROTOCOL,
} from "../../lib/storage/frames/frame.ts";
import { until } from "../../tests/support/poll.ts";
import { loopbackNames } from "../shared/listener/hosts.ts";
import { type HttpListener, httpListener } from "../shared/listener/http-server.ts";
import type { Answer, Reply } from "./answers.ts";
import { frameProtocol } from "./frame-front.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Begun {
  readonly operation: string;
  readonly text: string;
  done(reply?: Partial<Reply>): void;
}

let listener: HttpListener;
let url: string;
let begun: Begun[];

/** A server that answers by `answer`; `begun` are all requests that reached it. */
async function serve(answer: (request: Begun) => void = () => {}, writeFailure?: string): Promise<void> {
  begun = [];
  const take: Answer = (operation, text, reply) => {
    const request: Begun = {
      operation,
      text,
      done: ({ status = 200, body = text } = {}) => reply({ status, body }),
    };
    begun.push(request);
    answer(request);
  };
  const rules = { hosts: loopbackNames, origins: [], maxBodyBytes: 0 };
  const options = { reach: "loopback", ...rules, upgrade: frameProtocol(take, () => writeFailure) } as const;
  const serving = httpListener(options, (_, response) => response.end());
  listener = serving;
  url = `http://127.0.0.1:${await serving.open({ host: "127.0.0.1", port: 0 })}`;
  cleanups.push(() => serving.close(0));
}

interface TestClient {
  readonly socket: Socket;
  readonly replies: Frame[];
  /** For each chunk that came, how many replies ended in it. */
  readonly chunks: number[];
  /** Sends requests, numbered from 1 on, at once. */
  send(...bodies: string[]): void;
}

async function connect(): Promise<TestClient> {
  const socket = await upgrade(url, PROTOCOL).socket;
  const [reader, writer] = [new FrameReader(), new FrameWriter()];
  const replies: Frame[] = [];
  const chunks: number[] = [];
  let last = 0;
  socket.on("data", (chunk: Buffer) => {
    const frames = reader.read(chunk);
    chunks.push(frames.length);
    replies.push(...frames);
  });
  cleanups.push(() => socket.destroy());
  const send = (...bodies: string[]) => {
    for (const body of bodies) writer.add(++last, "GetItem", body);
    socket.write(writer.take());
  };
  return { socket, replies, chunks, send };
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n));

describe("replies", () => {
  test("come as they are ready, each with its request's number", async () => {
    await serve();
    const client = await connect();
    client.send("a", "b", "c");
    await until("all have begun", () => begun.length === 3);
    begun[2]?.done();
    await until("the last is answered", () => client.replies.length === 1);
    begun[0]?.done({ status: 400, body: "no" });
    begun[1]?.done();
    await until("all are answered", () => client.replies.length === 3);
    expect(client.replies).toEqual([
      { number: 3, head: "200", body: "c" },
      { number: 1, head: "400", body: "no" },
      { number: 2, head: "200", body: "b" },
    ]);
    expect(begun[0]?.operation).toBe("GetItem");
  });

  test("of one turn are sent together", async () => {
    await serve(({ done }) => done());
    const client = await connect();
    client.send(...numbers(100));
    await until("all are answered", () => client.replies.length === 100);
    expect(client.chunks).toEqual([100]);
  });

  test("say why nothing can be written", async () => {
    await serve(({ done }) => done(), "its disk fails");
    const client = await connect();
    client.send("a");
    await until("it is answered", () => client.replies.length === 1);
    expect(client.replies[0]?.head).toBe("200 its disk fails");
  });

  test("are one for each request, however often it is answered", async () => {
    await serve(({ done }) => {
      done();
      done({ body: "again" });
    });
    const client = await connect();
    client.send("a", "b");
    await until("both are answered", () => client.replies.length >= 2);
    expect(client.replies.map(({ body }) => body)).toEqual(["a", "b"]);
  });

  test("that would be too long are a refusal", async () => {
    await serve(({ done }) => done({ body: "x".repeat(MAX_BODY_BYTES + 1) }));
    const client = await connect();
    client.send("a");
    await until("it is answered", () => client.replies.length === 1);
    expect(client.replies[0]).toMatchObject({ head: "400", body: expect.stringContaining("TooLarge") });
  });
});

describe("a client", () => {
  test("that sends something else loses its connection, and nobody beside it notices", async () => {
    await serve();
    const [good, bad] = [await connect(), await connect()];
    good.send("a");
    bad.send("b");
    await until("both have begun", () => begun.length === 2);
    bad.socket.write("GET / HTTP/1.1\r\n\r\n");
    await until("its connection is closed", () => bad.socket.destroyed);
    for (const { done } of begun) done();
    await until("the other is answered", () => good.replies.length === 1);
    expect(bad.replies).toEqual([]);
  });

  test("that is killed in the middle of a request harms nobody", async () => {
    await serve();
    const client = await connect();
    client.send("a");
    await until("it has begun", () => begun.length === 1);
    client.socket.write(Buffer.from("0000ffff", "hex"));
    client.socket.resetAndDestroy();
    const other = await connect();
    other.send("b");
    await until("the next has begun", () => begun.length === 2);
    for (const { done } of begun) done();
    await until("it is answered", () => other.replies.length === 1);
  });

  test("has 256 requests in progress at most; the others wait for these", async () => {
    await serve();
    const client = await connect();
    client.send(...numbers(1_000));
    await until("the first have begun", () => begun.length >= 256);
    expect(begun).toHaveLength(256);
    let answered = 0;
    await until("all are answered", () => {
      const now = begun.slice(answered);
      expect(now.length).toBeLessThanOrEqual(256);
      answered = begun.length;
      for (const { done } of now) done();
      return client.replies.length === 1_000;
    });
    expect(client.replies.map(({ body }) => body)).toEqual(numbers(1_000));
  });

  test("that does not read its replies gets no further ones made, until it reads", async () => {
    const body = "x".repeat(500_000);
    await serve(({ done }) => done({ body }));
    const client = await connect();
    client.send("first");
    await until("it is answered", () => client.replies.length === 1);
    client.socket.pause();
    client.send(...numbers(250));
    let before = -1;
    await until("it makes no more", () => {
      const stands = begun.length === before;
      before = begun.length;
      return stands && before > 1;
    });
    expect(begun.length).toBeLessThan(150);
    client.socket.resume();
    await until("all are answered", () => client.replies.length === 251);
  });
});

describe("a database that closes", () => {
  test("answers what is in progress, begins nothing more, and ends the connection", async () => {
    await serve();
    const client = await connect();
    client.send("a");
    await until("it has begun", () => begun.length === 1);
    const closed = listener.close(Number.POSITIVE_INFINITY);
    client.send("b");
    await new Promise((resolve) => setImmediate(resolve));
    begun[0]?.done();
    await closed;
    await until("the connection is closed", () => client.socket.destroyed);
    expect(client.replies.map(({ body }) => body)).toEqual(["a"]);
    expect(begun).toHaveLength(1);
  });

  test("does not wait for a client that has nothing in progress", async () => {
    await serve();
    const client = await connect();
    await listener.close(Number.POSITIVE_INFINITY);
    await until("the connection is closed", () => client.socket.destroyed);
  });

  test("ends connections with requests in progress when its time is over", async () => {
    await serve();
    const client = await connect();
    client.send("a");
    await until("it has begun", () => begun.length === 1);
    await listener.close(0);
    await until("the connection is closed", () => client.socket.destroyed);
  });
});
