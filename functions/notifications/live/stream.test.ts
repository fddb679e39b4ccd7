import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { recordEvents, testWorld } from "../test-world.ts";
import type { Frame } from "./frames.ts";
import { LiveStream } from "./stream.ts";

const ann = { id: "ann" };
const place = (frame: Frame): unknown => ("position" in frame ? [frame.type, frame.position] : [frame.type]);
const deleted = (position: number): Frame => ({ type: "deleted", position, id: "any" });

describe("A connection", () => {
  test("gets what followed its position, page by page, then `ready`", async () => {
    const world = testWorld();
    await world.service.feed.open("ann");
    await recordEvents(world, 120);
    const frames: Frame[] = [];
    await new LiveStream(
      () => world.service,
      ann,
      (frame) => frames.push(frame) > 0,
    ).start(5);
    expect(frames.map(place)).toEqual([
      ...Array.from({ length: 115 }, (_, n) => ["notification", n + 6]),
      ["ready", 120],
    ]);
  });

  test("starts with what is recorded from now on, without a position", async () => {
    const world = testWorld();
    await world.service.feed.open("ann");
    await recordEvents(world, 3);
    const frames: Frame[] = [];
    const stream = new LiveStream(
      () => world.service,
      ann,
      (frame) => frames.push(frame) > 0,
    );
    stream.offer(3, deleted(3));
    await stream.start(undefined);
    stream.offer(4, deleted(4));
    stream.offer(4, deleted(4));
    expect(frames.map(place)).toEqual([
      ["ready", 3],
      ["deleted", 4],
    ]);
  });

  test("has neither gap nor double when notifications are offered while it starts, in any order", async () => {
    const world = testWorld();
    await world.service.feed.open("ann");
    await recordEvents(world, 60);
    const frames: Frame[] = [];
    const stream = new LiveStream(
      () => world.service,
      ann,
      async (frame) => {
        await setImmediate();
        return frames.push(frame) > 0;
      },
    );
    const starting = stream.start(0);
    for (let round = 0; round < 10; round += 1) {
      await recordEvents(world, 3);
      const last = 60 + 3 * (round + 1);
      for (const position of [last, last - 2, last - 1]) stream.offer(position, deleted(position));
      await setImmediate();
    }
    await starting;
    await stream.catchUp();
    const positions = frames.filter(({ type }) => type !== "ready").map((frame) => place(frame));
    expect(positions).toEqual(Array.from({ length: 90 }, (_, n) => ["notification", n + 1]));
  });

  test("reads the feed when one that it was not offered is missing", async () => {
    const world = testWorld();
    await world.service.feed.open("ann");
    const frames: Frame[] = [];
    const stream = new LiveStream(
      () => world.service,
      ann,
      (frame) => frames.push(frame) > 0,
    );
    await stream.start(undefined);
    await recordEvents(world, 2);
    stream.offer(2, deleted(2));
    await stream.catchUp();
    expect(frames.map(place).slice(1)).toEqual([
      ["notification", 1],
      ["notification", 2],
    ]);
  });

  test("begins anew at the end when its position does not exist", async () => {
    const world = testWorld();
    await world.service.feed.open("ann");
    await recordEvents(world, 2);
    const frames: Frame[] = [];
    await new LiveStream(
      () => world.service,
      ann,
      (frame) => frames.push(frame) > 0,
    ).start(7);
    expect(frames.map(place)).toEqual([
      ["reset", 2],
      ["ready", 2],
    ]);
  });

  test("goes on when the settings have changed, with the service that they make", async () => {
    const world = testWorld();
    await world.service.feed.open("ann");
    let service = world.service;
    const frames: Frame[] = [];
    const stream = new LiveStream(
      () => service,
      ann,
      (frame) => frames.push(frame) > 0,
    );
    await stream.start(undefined);
    const away = async () => {
      throw new Error("closed with the settings before");
    };
    service = { ...world.service };
    Object.assign(world.service, { feed: { open: away, append: world.service.feed.append, page: away } });
    await recordEvents(world, 1);
    await stream.catchUp();
    expect(frames.map(place).at(-1)).toEqual(["notification", 1]);
  });

  test("gets nothing more once it is gone, and does not stop the others", async () => {
    const world = testWorld();
    await world.service.feed.open("ann");
    await recordEvents(world, 10);
    let tries = 0;
    await new LiveStream(
      () => world.service,
      ann,
      () => {
        tries += 1;
        return false;
      },
    ).start(0);
    // One notification, and `ready`.
    expect(tries).toBe(2);
  });
});
