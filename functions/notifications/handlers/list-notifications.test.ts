import { describe, expect, test } from "@jest/globals";
import { recordEvents, scope, testWorld, user, type World } from "../test-world.ts";
import { handle } from "./list-notifications.ts";

const list = (world: World, limit = 10, cursor?: string, caller = user("ann")) =>
  handle(world.service, { query: { limit, cursor }, scope, user: caller }).then(({ body }) => body);

describe("A list", () => {
  test("gives every notification once, the newest first, over any number of pages", async () => {
    const world = testWorld();
    await recordEvents(world, 7);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { items, next_cursor } = await list(world, 3, cursor);
      seen.push(...items.map(({ created_at }) => created_at));
      cursor = next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(7);
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
  });

  test("is each user's own", async () => {
    const world = testWorld();
    await recordEvents(world, 1);
    expect((await list(world, 10, undefined, user("bob"))).items).toEqual([]);
  });

  test("refuses another user's cursor", async () => {
    const world = testWorld();
    await recordEvents(world, 2);
    await recordEvents(world, 2, "bob");
    const { next_cursor } = await list(world, 1);
    await expect(list(world, 1, next_cursor ?? "", user("bob"))).rejects.toMatchObject({
      code: "cursor_invalid",
    });
  });

  test("costs one query and one read", async () => {
    const world = testWorld();
    await recordEvents(world, 20);
    world.operations.length = 0;
    await list(world);
    expect(world.operations.sort()).toEqual(["get", "query"]);
  });
});
