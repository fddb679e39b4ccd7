import { describe, expect, test } from "@jest/globals";
import { createTokens } from "../../../lib/auth/tokens.ts";
import { until } from "../../../tests/support/poll.ts";
import { handle as connect } from "../handlers/connect-live.ts";
import { handle as disconnect } from "../handlers/disconnect-live.ts";
import { recordEvents, testWorld, type World } from "../test-world.ts";

const config = { DEBUG: true, CORS_ORIGINS: [] };
const tokens = createTokens({
  SECRET_KEY: "a secret of the tests alone, longer than it must be",
  TOKEN_AUDIENCE: "a",
});

async function connected(world: World, id: string, user: string, port = 8003): Promise<void> {
  const requestContext = {
    routeKey: "$connect",
    connectionId: id,
    domainName: `127.0.0.1:${port}`,
    stage: "local",
  };
  const event = { requestContext, headers: { UUID: user, "Sec-WebSocket-Protocol": "cfmp.v1" } };
  expect(await connect(world.service, event, { config, tokens })).toEqual({
    "Sec-WebSocket-Protocol": "cfmp.v1",
  });
}

describe("A notification that gets a position", () => {
  test("is offered once to each process that holds connections of its user", async () => {
    const world = testWorld();
    await world.service.feed.open("ann");
    await connected(world, "a1", "ann");
    await connected(world, "a2", "ann");
    await connected(world, "a3", "ann", 8013);
    await connected(world, "b1", "bob");
    await recordEvents(world, 1);
    await until("both are", () => world.offers.length === 2);
    expect(world.offers.map(({ endpoint, ids }) => [endpoint, ids])).toEqual([
      ["http://127.0.0.1:8003", ["a1", "a2"]],
      ["http://127.0.0.1:8013", ["a3"]],
    ]);
    expect(world.offers[0]?.offer).toMatchObject({
      position: 1,
      frame: { type: "notification", position: 1, notification: { event: "order.paid", user_id: "ann" } },
    });
  });

  test("removes the records of connections that are gone, or have expired", async () => {
    const world = testWorld();
    await world.service.feed.open("ann");
    await connected(world, "old", "ann");
    world.clock.time += 2 * 3_600_000;
    await connected(world, "new", "ann");
    await connected(world, "dead", "ann");
    world.gone.add("dead");
    await recordEvents(world, 1);
    // Nobody waits for it.
    await until("they are removed", () => world.connections.kept.size === 1);
    expect([...world.connections.kept.keys()]).toEqual(["new"]);
    await disconnect(world.service, "new");
    expect(world.connections.kept.size).toBe(0);
  });

  test("is offered to nobody when its user has no feed", async () => {
    const world = testWorld();
    await connected(world, "a1", "ann");
    await recordEvents(world, 1);
    expect(world.offers).toEqual([]);
  });
});

describe("A live connection", () => {
  test("is refused to a user who has 20, unless they are of a process that is gone", async () => {
    const world = testWorld();
    for (let n = 0; n < 20; n += 1) await connected(world, `a${n}`, "ann");
    await expect(connected(world, "one more", "ann")).rejects.toMatchObject({ code: "too_many_connections" });
    for (const [id, record] of world.connections.kept)
      world.connections.kept.set(id, { ...record, instance: "before" });
    await connected(world, "one more", "ann");
    expect(world.connections.kept.size).toBe(1);
  });
});
