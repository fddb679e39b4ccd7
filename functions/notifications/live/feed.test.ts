import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import type { Table } from "../../../lib/storage/table.ts";
import { countingTable } from "../../../tests/support/counting-table.ts";
import { memoryTable } from "../../../tests/support/memory-table.ts";
import { type Notification, notificationOf } from "../notification.ts";
import { CHUNK, createFeed, type Feed, REPLAY_LIMIT } from "./feed.ts";

const START = Date.parse("2026-11-01T12:00:00.000Z");

/** Processes with one table and one clock, which pauses move forward. */
function testFeeds(table: Table = memoryTable()) {
  const clock = { time: 0, pauses: 0 };
  const clocks = {
    now: () => START + clock.time,
    monotonic: () => clock.time,
    pause: async (ms: number) => {
      clock.pauses += 1;
      clock.time += ms;
    },
  };
  return { clock, process: () => createFeed(table, clocks) };
}

const event = {
  event: "order.paid",
  occurred_at: new Date(START).toISOString(),
  related_id: "0192f5b0-0000-7000-8000-000000000001",
  data: {},
  parties: [],
} as const;

const notificationNo = (n: number, time = START, userId = "ann"): Notification =>
  notificationOf(
    { ...event, event_id: `event-${n}`, parties: [] },
    { user_id: userId, role: "buyer" },
    undefined,
    time,
  );

/** All entries after `after`, read page by page as a client does. */
async function readAll(feed: Feed, userId: string, after = 0): Promise<{ position: number; id: string }[]> {
  const all: { position: number; id: string }[] = [];
  for (;;) {
    const page = await feed.page(userId, after + all.length);
    if (page === undefined || page.entries.length === 0) return all;
    all.push(...page.entries);
  }
}

describe("A feed", () => {
  test("does not exist before its user opens it, and starts then with the position 0", async () => {
    const feed = testFeeds().process();
    expect(await feed.append(notificationNo(1))).toBeUndefined();
    expect(await feed.page("ann", 0)).toBeUndefined();
    expect(await feed.open("ann")).toBe(0);
    expect(await feed.append(notificationNo(2))).toBe(1);
    expect(await feed.open("ann")).toBe(1);
    expect(await readAll(feed, "ann")).toEqual([{ position: 1, id: notificationNo(2).id }]);
  });

  test("gives each notification one position, however often it is delivered", async () => {
    const { clock, process } = testFeeds();
    const feed = process();
    await feed.open("ann");
    for (let n = 1; n <= 3 * CHUNK; n += 1) {
      clock.time += 10;
      expect(await feed.append(notificationNo(n, START + clock.time))).toBe(n);
    }
    for (const n of [1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK])
      expect(await process().append(notificationNo(n, START + 10 * n))).toBe(n);
    expect(await readAll(feed, "ann")).toHaveLength(3 * CHUNK);
  });

  test("has no gap and no double when several processes record the same events at once", async () => {
    const { process } = testFeeds();
    const feeds = [process(), process(), process()];
    await Promise.all(feeds.map((feed) => feed.open("ann")));
    const numbers = Array.from({ length: 2 * CHUNK + 7 }, (_, n) => n);
    const given = await Promise.all(
      feeds.map((feed) => Promise.all(numbers.map((n) => feed.append(notificationNo(n))))),
    );
    expect(given[1]).toEqual(given[0]);
    expect(given[2]).toEqual(given[0]);
    expect([...(given[0] ?? [])].sort((a, b) => Number(a) - Number(b))).toEqual(numbers.map((n) => n + 1));
    const read = await readAll(process(), "ann");
    expect(read.map(({ position }) => position)).toEqual(numbers.map((n) => n + 1));
    expect(new Set(read.map(({ id }) => id)).size).toBe(numbers.length);
  });

  test("shows a reader no position before all earlier ones", async () => {
    const { process } = testFeeds();
    const [one, other, reader] = [process(), process(), process()];
    await one.open("ann");
    const writing = Promise.all(
      Array.from({ length: 80 }, (_, n) => (n % 2 === 0 ? one : other).append(notificationNo(n))),
    );
    let seen: readonly { position: number; id: string }[] = [];
    let done = false;
    void writing.then(() => {
      done = true;
    });
    while (!done) {
      const now = await readAll(reader, "ann");
      expect(now.slice(0, seen.length)).toEqual(seen);
      seen = now;
      await setImmediate();
    }
    await writing;
    expect(await readAll(reader, "ann")).toHaveLength(80);
  });

  test("can't be read from a position that does not exist, or that too many others follow", async () => {
    const feed = testFeeds().process();
    await feed.open("ann");
    for (let n = 1; n <= REPLAY_LIMIT + 1; n += 1) await feed.append(notificationNo(n));
    expect(await feed.page("ann", 0)).toBeUndefined();
    expect(await feed.page("ann", REPLAY_LIMIT + 2)).toBeUndefined();
    expect((await feed.page("ann", 1))?.entries).toHaveLength(CHUNK - 1);
    expect(await feed.page("ann", REPLAY_LIMIT + 1)).toEqual({ entries: [], last: REPLAY_LIMIT + 1 });
  });

  test("is each user's own, also where one's id looks like a part of another's", async () => {
    const feed = testFeeds().process();
    const users = ["ann", "0:ann", "head:ann", "in-use"];
    for (const user of users) await feed.open(user);
    for (let n = 1; n <= CHUNK + 1; n += 1) await feed.append(notificationNo(n));
    await feed.append(notificationNo(1, START, "0:ann"));
    expect(await readAll(feed, "0:ann")).toEqual([{ position: 1, id: notificationNo(1, START, "0:ann").id }]);
    expect(await readAll(feed, "ann")).toHaveLength(CHUNK + 1);
    expect(await feed.page("head:ann", 0)).toEqual({ entries: [], last: 0 });
  });

  test("costs one read a second while nobody has one", async () => {
    const operations: string[] = [];
    const { clock, process } = testFeeds(countingTable(memoryTable(), operations));
    const feed = process();
    for (let n = 0; n < 100; n += 1) await feed.append(notificationNo(n));
    expect(operations).toHaveLength(1);
    clock.time += 1_000;
    // The parties of one event are recorded at once.
    await Promise.all([feed.append(notificationNo(100)), feed.append(notificationNo(101, START, "bob"))]);
    expect(operations).toHaveLength(2);
  });

  test("starts when every process knows of it", async () => {
    const { clock, process } = testFeeds();
    const recorder = process();
    expect(await recorder.append(notificationNo(1))).toBeUndefined();
    const [one, other] = [process(), process()];
    await one.open("ann");
    // As if it had been opened in the same moment, by a process that found the mark.
    await other.open("bob");
    expect(clock.pauses).toBeGreaterThan(0);
    expect(await recorder.append(notificationNo(2))).toBe(1);
  });
});
