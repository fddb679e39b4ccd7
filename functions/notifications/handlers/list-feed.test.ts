import { describe, expect, test } from "@jest/globals";
import { notificationOf } from "../notification.ts";
import { recordEvents, recordOne, scope, testWorld, user } from "../test-world.ts";
import { handle as deleteOne } from "./delete-notification.ts";
import { handle } from "./list-feed.ts";
import { handle as send } from "./send-notification.ts";

const ann = user("ann");
const read = async (world: ReturnType<typeof testWorld>, since?: number) =>
  (await handle(world.service, { user: ann, query: { since } })).body;

describe("GET /api/notifications/feed/", () => {
  test("lists what was recorded since a position, in order, with what the reader sees elsewhere", async () => {
    const world = testWorld();
    expect(await read(world)).toEqual({ items: [], position: 0, last: 0 });
    await recordEvents(world, 3);
    await send(world.service, { user: ann, scope, idempotencyKey: undefined, body: message });
    const { items, position, last } = await read(world, 1);
    expect([position, last]).toEqual([4, 4]);
    expect(items.map((item) => item.position)).toEqual([2, 3, 4]);
    expect(items[2]).toMatchObject({ notification: { title: "t", content: "c", read: false } });
    expect(await read(world, 4)).toEqual({ items: [], position: 4, last: 4 });
  });

  test("leaves out what was recorded before it began, which the list has", async () => {
    const world = testWorld();
    await recordEvents(world, 2);
    expect(await read(world, 0)).toEqual({ items: [], position: 0, last: 0 });
    await recordEvents(world, 1);
    expect((await read(world, 0)).items).toHaveLength(1);
  });

  test("has an event once, however often it is delivered", async () => {
    const world = testWorld();
    await read(world);
    for (let delivery = 0; delivery < 3; delivery += 1) await recordOne(world, "paid", world.clock.time);
    expect((await read(world, 0)).items).toHaveLength(1);
  });

  test("has an event whose recorder was killed before it gave it a position: its next delivery does", async () => {
    const world = testWorld();
    await read(world);
    const occurred_at = new Date(world.clock.time).toISOString();
    const data = { event: "order.paid" as const, occurred_at, related_id: RELATED, data: {}, parties: [] };
    const party = { user_id: "ann", role: "buyer" } as const;
    await world.service.store.create(
      notificationOf({ ...data, event_id: "paid" }, party, undefined, world.clock.time),
    );
    expect((await read(world, 0)).items).toHaveLength(0);
    await recordOne(world, "paid", world.clock.time);
    expect((await read(world, 0)).items).toHaveLength(1);
  });

  test("keeps the position of one that was deleted", async () => {
    const world = testWorld();
    await read(world);
    await recordEvents(world, 2);
    const [first] = (await read(world, 0)).items;
    await deleteOne(world.service, { user: ann, params: { id: first?.id ?? "" } });
    expect((await read(world, 0)).items.map(({ notification }) => notification === null)).toEqual([
      true,
      false,
    ]);
  });

  test("refuses a position that does not exist", async () => {
    const world = testWorld();
    await expect(read(world, 5)).rejects.toMatchObject({ kind: "gone", code: "feed_position_unknown" });
  });
});

const RELATED = "0192f5b0-0000-7000-8000-000000000001";
const message = { type: "system", title: "t", content: "c", channels: ["in_app"] } satisfies Parameters<
  typeof send
>[1]["body"];
