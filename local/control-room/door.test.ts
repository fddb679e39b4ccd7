// The control room's port before, while and after its thread is there. The thread is a server at a local socket here.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import type { TcpListener } from "../shared/listener/tcp-server.ts";
import { door } from "./door.ts";

let folder: string;
let path: string;
let server: Server;
let room: PromiseWithResolvers<string>;
let asked: number;
let entrance: TcpListener;
let url: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-door-"));
  path = join(folder, "room.sock");
  server = createServer((request, response) => void request.pipe(response));
  [room, asked] = [Promise.withResolvers<string>(), 0];
  entrance = door(() => {
    asked += 1;
    return room.promise;
  });
  url = `http://127.0.0.1:${await entrance.open({ host: "127.0.0.1", port: 0 })}/`;
});
afterEach(async () => {
  await entrance.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const listen = () => new Promise<void>((resolve) => server.listen(path, resolve));
const send = async (body: string) => (await fetch(url, { method: "POST", body })).text();

test("who connects before the thread is there is answered once it is", async () => {
  const answered = send("early");
  await until("it was asked for", () => asked === 1);
  await listen();
  room.resolve(path);
  expect(await answered).toBe("early");
  const large = "x".repeat(1_000_000);
  expect(await send(large)).toBe(large);
});

test("a client that says no more after its request is answered, also one that says nothing", async () => {
  await listen();
  room.resolve(path);
  for (const [asked, answer] of [
    ["POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\nhello", /hello/],
    ["", /^$/],
  ] as const) {
    const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1", allowHalfOpen: true });
    socket.end(asked);
    expect(await text(socket)).toMatch(answer);
  }
});

test("whoever waits for a thread that does not start is let go", async () => {
  const answered = send("early");
  answered.catch(() => {});
  room.reject(new Error("no"));
  await expect(answered).rejects.toThrow("fetch failed");
});

test("when the thread ends, its connections end", async () => {
  server.removeAllListeners("request");
  await listen();
  room.resolve(path);
  let served = false;
  server.on("request", () => {
    served = true;
  });
  const answered = send("late");
  answered.catch(() => {});
  await until("it has arrived", () => served);
  server.closeAllConnections();
  await expect(answered).rejects.toThrow("fetch failed");
});
