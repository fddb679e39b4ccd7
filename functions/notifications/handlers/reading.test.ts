// Listing, counting and marking as read, as a user goes through it.

import { describe, expect, test } from "@jest/globals";
import { scope, testWorld, user } from "../test-world.ts";
import { remove } from "./delete-notification.ts";
import { get } from "./get-notification.ts";
import { list } from "./list-notifications.ts";
import { readAll } from "./read-all.ts";
import { read } from "./read-notification.ts";
import { record } from "./record-event.ts";
import { unreadCount } from "./unread-count.ts";

const ann = user("ann");
const bob = user("bob");
type World = ReturnType<typeof testWorld>;

/** `count` facts, a second apart, the last one just now; each reached this service at once. */
async function tell(world: World, count: number, userId = "ann"): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    world.clock.time += 1_000;
    await tellOf(world, `${userId}-${world.clock.time}`, world.clock.time, userId);
  }
}

async function tellOf(world: World, eventId: string, occurred: number, userId = "ann"): Promise<void> {
  const body = {
    event_id: eventId,
    event: "order.paid" as const,
    occurred_at: new Date(occurred).toISOString(),
    related_id: "0192f5b0-0000-7000-8000-000000000001",
    data: {},
    parties: [{ user_id: userId, role: "buyer" as const, email: null }],
  };
  await record(world.service, { body, scope });
}

const page = (world: World, limit = 10, cursor?: string, caller = ann) =>
  list(world.service, { query: { limit, cursor }, user: caller }).then(({ body }) => body);

const unread = (world: World, caller = ann) =>
  unreadCount(world.service, { user: caller }).then(({ body }) => body);

async function firstId(world: World, caller = ann): Promise<string> {
  const [first] = (await page(world, 1, undefined, caller)).items;
  if (!first) throw new Error("The list is empty");
  return first.id;
}

describe("A list", () => {
  test("gives every notification once, the newest first, over any number of pages", async () => {
    const world = testWorld();
    await tell(world, 7);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { items, next_cursor } = await page(world, 3, cursor);
      seen.push(...items.map(({ created_at }) => created_at));
      cursor = next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(7);
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
  });

  test("refuses another user's cursor", async () => {
    const world = testWorld();
    await tell(world, 2);
    await tell(world, 2, "bob");
    const { next_cursor } = await page(world, 1);
    await expect(page(world, 1, next_cursor ?? "", bob)).rejects.toMatchObject({ code: "cursor_invalid" });
  });

  test("costs one query and one read", async () => {
    const world = testWorld();
    await tell(world, 20);
    world.operations.length = 0;
    await page(world);
    expect(world.operations.sort()).toEqual(["get", "query"]);
  });
});

describe("The unread count", () => {
  test("is exact up to 99, and says when there are more", async () => {
    const world = testWorld();
    expect(await unread(world)).toEqual({ count: 0, capped: false });
    await tell(world, 99);
    expect(await unread(world)).toEqual({ count: 99, capped: false });
    await tell(world, 1);
    expect(await unread(world)).toEqual({ count: 99, capped: true });
  });

  test("goes down by one that is read, or deleted, and by one only", async () => {
    const world = testWorld();
    await tell(world, 3);
    const id = await firstId(world);
    await read(world.service, { params: { id }, user: ann });
    await read(world.service, { params: { id }, user: ann });
    expect((await unread(world)).count).toBe(2);
    await remove(world.service, { params: { id }, user: ann });
    expect((await unread(world)).count).toBe(2);
    await remove(world.service, { params: { id: await firstId(world) }, user: ann });
    expect((await unread(world)).count).toBe(1);
  });
});

describe("Reading all", () => {
  const readEverything = (world: World, caller = ann) =>
    readAll(world.service, world.contacts, { user: caller }).then(({ body }) => body.read_until);

  test("marks what there is, and nothing that comes after", async () => {
    const world = testWorld();
    await tell(world, 3);
    expect(await readEverything(world)).toBe(new Date(world.clock.time).toISOString());
    expect((await page(world)).items.map((item) => item.read)).toEqual([true, true, true]);
    expect(await unread(world)).toEqual({ count: 0, capped: false });
    await tell(world, 1);
    expect((await page(world)).items.map((item) => item.read)).toEqual([false, true, true, true]);
    expect(await unread(world)).toEqual({ count: 1, capped: false });
  });

  test("leaves unread what happened before it, but came after it", async () => {
    const world = testWorld();
    await tell(world, 1);
    await readEverything(world);
    world.clock.time += 5_000;
    await tellOf(world, "late", world.clock.time - 60_000);
    expect(await unread(world)).toEqual({ count: 1, capped: false });
    expect((await page(world)).items.map((item) => item.read)).toEqual([true, false]);
  });

  test("costs the same for 3 as for 300: it writes one record", async () => {
    const world = testWorld();
    await tell(world, 300);
    await readEverything(world);
    world.operations.length = 0;
    await readEverything(world);
    expect(world.operations.filter((operation) => operation === "put").length).toBeLessThanOrEqual(1);
    expect(world.operations.filter((operation) => operation === "query")).toEqual([]);
  });

  test("never goes back when a clock does", async () => {
    const world = testWorld();
    const first = await readEverything(world);
    world.clock.time -= 10_000;
    expect(await readEverything(world)).toBe(first);
  });

  test("is one user's alone", async () => {
    const world = testWorld();
    await tell(world, 1);
    await tell(world, 1, "bob");
    await readEverything(world);
    expect((await unread(world, bob)).count).toBe(1);
  });

  test("learns the address in the caller's token", async () => {
    const world = testWorld();
    await readEverything(world, user("ann", { email: "ann@example.com" }));
    expect(world.records.kept.get("ann")).toBe("ann@example.com");
  });
});

describe("Another user's notification", () => {
  test("can't be read, marked or deleted: it is not found, and stays as it was", async () => {
    const world = testWorld();
    await tell(world, 1);
    const id = await firstId(world);
    const asBob = { params: { id }, user: bob };
    for (const attempt of [get, read, remove]) {
      await expect(attempt(world.service, asBob)).rejects.toMatchObject({
        kind: "not_found",
        code: "not_found",
      });
    }
    expect((await get(world.service, { params: { id }, user: ann })).body.read).toBe(false);
    expect((await page(world, 10, undefined, bob)).items).toEqual([]);
  });
});

describe("A deleted notification", () => {
  test("is not found any more, by any route", async () => {
    const world = testWorld();
    await tell(world, 1);
    const asked = { params: { id: await firstId(world) }, user: ann };
    await remove(world.service, asked);
    for (const attempt of [get, read, remove]) {
      await expect(attempt(world.service, asked)).rejects.toMatchObject({ kind: "not_found" });
    }
  });
});
