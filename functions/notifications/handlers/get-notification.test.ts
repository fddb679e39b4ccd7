import { describe, expect, test } from "@jest/globals";
import { recordEvents, scope, testWorld, user } from "../test-world.ts";
import { handle as remove } from "./delete-notification.ts";
import { handle as get } from "./get-notification.ts";
import { handle as list } from "./list-notifications.ts";
import { handle as read } from "./read-notification.ts";

const ann = user("ann");

/** A notification of ann's. */
async function one() {
  const world = testWorld();
  await recordEvents(world, 1);
  const { body } = await list(world.service, { query: { limit: 1, cursor: undefined }, scope, user: ann });
  return { service: world.service, id: body.items[0]?.id ?? "" };
}

describe("Another user's notification", () => {
  test("can't be read, marked or deleted: it is not found, and stays as it was", async () => {
    const { service, id } = await one();
    for (const attempt of [get, read, remove]) {
      await expect(attempt(service, { params: { id }, user: user("bob") })).rejects.toMatchObject({
        kind: "not_found",
        code: "not_found",
      });
    }
    expect((await get(service, { params: { id }, user: ann })).body.read).toBe(false);
  });
});

describe("A deleted notification", () => {
  test("is not found any more, by any route", async () => {
    const { service, id } = await one();
    const request = { params: { id }, user: ann };
    await remove(service, request);
    for (const attempt of [get, read, remove]) {
      await expect(attempt(service, request)).rejects.toMatchObject({ kind: "not_found" });
    }
  });
});
