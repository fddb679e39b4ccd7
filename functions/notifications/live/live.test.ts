import { setImmediate } from "node:timers/promises";
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

async function connected(
  world: World,
  id: string,
  user: string,
  port = 8003,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const requestContext = {
    routeKey: "$connect",
    connectionId: id,
    domainName: `127.0.0.1:${port}`,
    stage: "local",
  };
  const event = { requestContext, headers: { UUID: user, "Sec-WebSocket-Protocol": "cfmp.v1", ...more } };
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
    world.clock.time += 30_000;
    await recordEvents(world, 1);
    // Nobody waits for it.
    await until("they are removed", () => world.connections.kept.size === 1);
    expect([...world.connections.kept.keys()]).toEqual(["new"]);
    // API Gateway is to close it; a process closes its own.
    expect(world.ended).toEqual(["old"]);
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
  const refused = { code: "too_many_connections" };

  test("is one of 20 of a user", async () => {
    const world = testWorld();
    for (let n = 0; n < 20; n += 1) await connected(world, `a${n}`, "ann");
    await expect(connected(world, "one more", "ann")).rejects.toMatchObject(refused);
    expect(world.connections.kept.has("one more")).toBe(false);
    await connected(world, "b1", "bob");
    await disconnect(world.service, "a7");
    await connected(world, "one more", "ann");
    expect(world.connections.kept.size).toBe(21);
  });

  test("does not count once its process is gone, which is asked when there are too many", async () => {
    const world = testWorld();
    for (let n = 0; n < 20; n += 1) await connected(world, `a${n}`, "ann");
    world.gone.add("a0").add("a1");
    // Until it must be open, its process may not know it yet.
    await expect(connected(world, "one more", "ann")).rejects.toMatchObject(refused);
    world.clock.time += 30_000;
    await connected(world, "one more", "ann");
    expect([...world.connections.kept.keys()].slice(0, 2)).toEqual(["a2", "a3"]);
    await connected(world, "another", "ann");
    await expect(connected(world, "a third", "ann")).rejects.toMatchObject(refused);
  });

  test("of a process that had the same address does not count at once", async () => {
    const world = testWorld();
    for (let n = 0; n < 20; n += 1) await connected(world, `a${n}`, "ann");
    for (const [id, record] of world.connections.kept)
      world.connections.kept.set(id, { ...record, instance: "before" });
    await connected(world, "one more", "ann");
    expect(world.connections.kept.size).toBe(1);
  });

  test("whose process can't be asked counts", async () => {
    const world = testWorld();
    for (let n = 0; n < 20; n += 1) await connected(world, `a${n}`, "ann");
    world.clock.time += 30_000;
    const failures: unknown[] = [];
    Object.assign(world.live, { failed: (error: unknown) => void failures.push(error) });
    world.live.transport.gone = () => Promise.reject(new Error("away"));
    await expect(connected(world, "one more", "ann")).rejects.toMatchObject(refused);
    expect(failures).toHaveLength(1);
  });

  test("whose place has no record any more does not count: a process was killed between the two", async () => {
    const world = testWorld();
    for (let n = 0; n < 20; n += 1) await connected(world, `a${n}`, "ann");
    world.connections.kept.delete("a3");
    await connected(world, "one more", "ann");
    await expect(connected(world, "another", "ann")).rejects.toMatchObject(refused);
  });

  test("that its process does not know yet stays when something is recorded meanwhile", async () => {
    const world = testWorld();
    await world.service.feed.open("ann");
    await connected(world, "opening", "ann");
    world.gone.add("opening");
    await recordEvents(world, 1);
    await until("it was offered", () => world.offers.length === 1);
    await setImmediate();
    expect(world.connections.kept.has("opening")).toBe(true);
    world.clock.time += 30_000;
    await recordEvents(world, 1);
    await until("it is removed", () => world.connections.kept.size === 0);
  });

  test("ends when its token expires, or after two hours", async () => {
    const world = testWorld();
    world.clock.time = Math.floor(Date.now() / 1_000) * 1_000;
    const inAMinute = await tokens.mintUser({ sub: "ann" }, 60);
    await connected(world, "a1", "ann", 8003, { authorization: `Bearer ${inAMinute}` });
    await connected(world, "a2", "ann");
    const [ms = 0, code] = world.endings.get("a1") ?? [];
    expect(world.connections.kept.get("a1")?.expires_on).toBe(
      Math.floor(world.clock.time / 1_000 + ms / 1_000),
    );
    expect(code).toBe(4401);
    expect(world.endings.get("a2")).toEqual([2 * 3_600_000, 1001]);
    await disconnect(world.service, "a1");
    expect([...world.endings.keys()]).toEqual(["a2"]);
  });
});
