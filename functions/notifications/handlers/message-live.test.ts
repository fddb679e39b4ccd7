import { describe, expect, test } from "@jest/globals";
import { DomainError } from "../../../lib/core/domain-error.ts";
import { StorageFault, StorageUnavailable } from "../../../lib/storage/errors.ts";
import type { Frame } from "../live/frames.ts";
import { testWorld } from "../test-world.ts";
import { handle, type Line } from "./message-live.ts";

const away = new StorageUnavailable("GetItem", "nobody listens");
const since = JSON.stringify({ type: "since" });
const HOUR_S = 3_600;

function talk(expiresIn = HOUR_S) {
  const world = testWorld();
  const frames: Frame[] = [];
  const closes: number[] = [];
  const line: Line = {
    id: "a1",
    send: (frame) => frames.push(frame) > 0,
    close: (code) => closes.push(code),
  };
  world.connections.kept.set("a1", {
    id: "a1",
    user_id: "ann",
    endpoint: "http://127.0.0.1:8003",
    instance: "one",
    opened_on: 0,
    expires_on: world.clock.time / 1_000 + expiresIn,
  });
  return { world, frames, closes, line, say: (text: string) => handle(world.service, line, text) };
}

describe("What a client says on its connection", () => {
  test("is answered", async () => {
    const { say, frames, closes } = talk();
    await say(since);
    await say(JSON.stringify({ type: "ping", position: 0 }));
    expect(frames).toEqual([{ type: "ready", position: 0 }, { type: "pong" }]);
    expect(closes).toEqual([]);
  });

  test.each([
    ["the connection's record", "connections"],
    ["the feed", "feed"],
  ])(
    "closes the connection when %s can't be read, so that its client comes back and asks again",
    async (_, what) => {
      const { world, say, frames, closes } = talk();
      const service = world.service;
      const failing = () => Promise.reject(away);
      if (what === "feed") Object.assign(service.feed, { open: failing });
      else world.connections.read = failing;
      await expect(say(since)).rejects.toBe(away);
      expect(frames).toMatchObject([{ type: "error", code: "storage_unavailable" }]);
      expect(closes).toEqual([1013]);
    },
  );

  test("closes the connection after a fault of the service's own, of which nothing is told", async () => {
    const { world, say, frames, closes } = talk();
    world.connections.read = () => Promise.reject(new StorageFault("GetItem", "Denied", "of table t"));
    await expect(say(since)).rejects.toThrow(StorageFault);
    expect(frames).toMatchObject([{ type: "error", code: "internal_error" }]);
    expect(JSON.stringify(frames)).not.toContain("Denied");
    expect(closes).toEqual([1013]);
  });

  test.each([
    ["hello", "json_malformed"],
    ["{}", "message_malformed"],
    ['{"type":"since","position":-1}', "message_malformed"],
    ['{"type":"since","position":1,"position":2}', "json_duplicate_key"],
    ['{"type":"ping","type":"since"}', "json_duplicate_key"],
    [`${"[".repeat(100)}${"]".repeat(100)}`, "body_invalid"],
  ])("is refused when it is no message, and the connection stays: %s", async (text, code) => {
    const { say, frames, closes } = talk();
    await expect(say(text)).rejects.toThrow(DomainError);
    expect(frames).toMatchObject([{ type: "error", code }]);
    expect(closes).toEqual([]);
  });

  test("ends a connection that is not known, or whose token has expired", async () => {
    const expired = talk(-1);
    await expect(expired.say(since)).rejects.toMatchObject({ code: "token_expired" });
    const unknown = talk();
    unknown.world.connections.kept.clear();
    await expect(unknown.say(since)).rejects.toMatchObject({ code: "connection_gone" });
    for (const { frames, closes } of [expired, unknown]) expect([frames, closes]).toEqual([[], [4401]]);
  });

  test("is refused for the reason it was, when the connection can't be closed either", async () => {
    const { world, line } = talk();
    world.connections.read = () => Promise.reject(away);
    const broken: Line = { ...line, send: () => Promise.reject(new Error("API Gateway is away")) };
    await expect(handle(world.service, broken, since)).rejects.toBe(away);
  });
});
