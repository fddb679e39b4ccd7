// The listener as other programs meet it: what they ask wrongly is their failure, and never its own.

import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { HttpListener } from "../shared/listener/http-server.ts";
import { Collector } from "./collector.ts";
import { History } from "./history.ts";
import { pageAssets } from "./page-assets.ts";
import { createServerOf } from "./server.ts";

const TOKEN = "0".repeat(48);
let collector: Collector;
let listener: HttpListener;
let base: string;
let complaints: string[];

beforeEach(async () => {
  const history = await History.open(":memory:", { bytes: 16_000_000, ms: 86_400_000 });
  complaints = [];
  collector = new Collector({ history, id: "c", log: () => {} });
  listener = createServerOf({
    collector,
    actions: async () => ({ done: true, detail: "", pid: null }),
    panels: [],
    reportToken: TOKEN,
    session: () => ({
      token: TOKEN,
      version: "0.1.0",
      collector: "c",
      gateway_url: null,
      mail_url: null,
      actions: [],
    }),
    page: pageAssets(async () => new Map()),
    log: (_level, message) => complaints.push(message),
  });
  base = `http://127.0.0.1:${await listener.open({ host: "127.0.0.1", port: 0 })}`;
});
afterEach(async () => {
  await listener.close(0);
  collector.close();
  expect(complaints).toEqual([]);
});

const status = async (path: string, init: RequestInit = {}): Promise<number> => {
  const reply = await fetch(base + path, init);
  await reply.body?.cancel();
  return reply.status;
};
const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
  status(path, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

test("a token that has as many characters as the right one, but more bytes, is a wrong one", async () => {
  expect(await post("/api/actions", "{}", { "x-control-room-token": "é".repeat(48) })).toBe(403);
  expect(await post("/runtime", "{}", { authorization: `Bearer ${"é".repeat(48)}` })).toBe(401);
  expect(await post("/api/actions", "{}", { "x-control-room-token": TOKEN })).toBe(200);
});

test("a path that begins with two slashes is a path", async () => {
  expect(await status("//")).toBe(200);
  expect(await status("//api.example/")).toBe(404);
  expect(await status("//[")).toBe(404);
});

test("the head of the stream of events alone is not given, as it would never end", async () => {
  expect(await status("/api/events", { method: "HEAD" })).toBe(405);
  expect(collector.live.clients).toBe(0);
});

test("a topic that there is none of is refused, and not waited for", async () => {
  expect(await status("/api/events?topics=map,trace")).toBe(400);
  expect(await status("/api/events?since=yesterday")).toBe(400);
  const stream = await fetch(`${base}/api/events?topics=map,,sent&since=0`);
  expect(stream.status).toBe(200);
  await stream.body?.cancel();
});

test("the name of a content coding is read in whatever case", async () => {
  expect(await post("/v1/traces", gzipSync("{}"), { "content-encoding": "GZip" })).toBe(200);
});
