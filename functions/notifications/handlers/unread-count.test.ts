import { describe, expect, test } from "@jest/globals";
import { recordEvents, scope, testWorld, user, type World } from "../test-world.ts";
import { handle as remove } from "./delete-notification.ts";
import { handle as list } from "./list-notifications.ts";
import { handle as read } from "./read-notification.ts";
import { handle } from "./unread-count.ts";

const ann = user("ann");

const unread = (world: World) => handle(world.service, { user: ann }).then(({ body }) => body);

async function firstId({ service }: World): Promise<string> {
  const { body } = await list(service, { query: { limit: 1, cursor: undefined }, scope, user: ann });
  const [first] = body.items;
  if (!first) throw new Error("The list is empty");
  return first.id;
}

describe("The unread count", () => {
  test("is exact up to 99, and says when there are more", async () => {
    const world = testWorld();
    expect(await unread(world)).toEqual({ count: 0, capped: false });
    await recordEvents(world, 99);
    expect(await unread(world)).toEqual({ count: 99, capped: false });
    await recordEvents(world, 1);
    expect(await unread(world)).toEqual({ count: 99, capped: true });
  });

  test("goes down by one that is read, or deleted, and by one only", async () => {
    const world = testWorld();
    await recordEvents(world, 3);
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
