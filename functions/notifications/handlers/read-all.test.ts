import { describe, expect, test } from "@jest/globals";
import { recordEvents, recordOne, scope, testWorld, user, type World } from "../test-world.ts";
import { handle as list } from "./list-notifications.ts";
import { handle } from "./read-all.ts";
import { handle as unreadCount } from "./unread-count.ts";

const ann = user("ann");

const readAll = (world: World, caller = ann) =>
  handle(world.service, { user: caller }).then(({ body }) => body.read_until);

const unread = (world: World, caller = ann) =>
  unreadCount(world.service, { user: caller }).then(({ body }) => body);

const whichAreRead = async ({ service }: World) =>
  (await list(service, { query: { limit: 10, cursor: undefined }, scope, user: ann })).body.items.map(
    ({ read }) => read,
  );

describe("Reading all", () => {
  test("marks what there is, and nothing that comes after", async () => {
    const world = testWorld();
    await recordEvents(world, 3);
    expect(await readAll(world)).toBe(new Date(world.clock.time).toISOString());
    expect(await whichAreRead(world)).toEqual([true, true, true]);
    expect(await unread(world)).toEqual({ count: 0, capped: false });
    await recordEvents(world, 1);
    expect(await whichAreRead(world)).toEqual([false, true, true, true]);
    expect(await unread(world)).toEqual({ count: 1, capped: false });
  });

  test("does not mark what happened before it but came after it", async () => {
    const world = testWorld();
    await recordEvents(world, 1);
    await readAll(world);
    world.clock.time += 5_000;
    await recordOne(world, "late", world.clock.time - 60_000);
    expect(await unread(world)).toEqual({ count: 1, capped: false });
    expect(await whichAreRead(world)).toEqual([true, false]);
  });

  test("costs the same for 3 as for 300: it writes one record", async () => {
    const world = testWorld();
    await recordEvents(world, 300);
    await readAll(world);
    world.operations.length = 0;
    await readAll(world);
    expect(world.operations.filter((operation) => operation === "put").length).toBeLessThanOrEqual(1);
    expect(world.operations.filter((operation) => operation === "query")).toEqual([]);
  });

  test("never goes back when a clock does", async () => {
    const world = testWorld();
    const first = await readAll(world);
    world.clock.time -= 10_000;
    expect(await readAll(world)).toBe(first);
  });

  test("is one user's alone", async () => {
    const world = testWorld();
    await recordEvents(world, 1);
    await recordEvents(world, 1, "bob");
    await readAll(world);
    expect((await unread(world, user("bob"))).count).toBe(1);
  });

  test("stores the contact in the caller's token", async () => {
    const world = testWorld();
    await readAll(world, user("ann", { email: "ann@example.com", scopes: ["sell"] }));
    expect(world.records.kept.get("ann")).toEqual({ email: "ann@example.com", sells: true });
  });
});
