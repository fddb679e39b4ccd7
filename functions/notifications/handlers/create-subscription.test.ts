import { describe, expect, test } from "@jest/globals";
import { PushBrowser } from "../../../tests/support/push-browser.ts";
import { notifications } from "../contract.ts";
import { derivedVapidKey } from "../push/vapid-keys.ts";
import { testWorld, user, type World } from "../test-world.ts";
import { handle as create } from "./create-subscription.ts";
import { handle as remove } from "./delete-subscription.ts";
import { handle as list } from "./list-subscriptions.ts";

const schema = notifications.routes.createSubscription.body;
const [ann, bob] = [user("ann"), user("bob")];

const browserNo = (n: number) => new PushBrowser(`https://push.example/${n}`);

const post = ({ service }: World, caller: typeof ann, body: object) =>
  create(service, { body: schema.parse(body), user: caller });

const listed = async ({ service }: World, caller: typeof ann) => (await list(service, { user: caller })).body;

describe("A browser's subscription", () => {
  test("is created once, listed without its secrets, and deleted by its user alone", async () => {
    const world = testWorld();
    const json = browserNo(1).toJSON();
    const { body } = await post(world, ann, json);
    const { vapid_public_key } = await listed(world, ann);
    expect(body).toEqual({
      id: expect.any(String),
      push_service: "https://push.example",
      vapid_public_key,
      created_at: "2026-11-01T12:00:00.000Z",
      expires_at: null,
    });
    world.clock.time += 5_000;
    expect((await post(world, ann, json)).body).toEqual(body);
    expect((await listed(world, ann)).items).toEqual([body]);
    expect((await listed(world, bob)).items).toEqual([]);
    const params = { id: body.id };
    await expect(remove(world.service, { params, user: bob })).rejects.toMatchObject({ kind: "not_found" });
    await remove(world.service, { params, user: ann });
    expect((await listed(world, ann)).items).toEqual([]);
    await expect(remove(world.service, { params, user: ann })).rejects.toMatchObject({ kind: "not_found" });
  });

  test("moves to the user who uses the browser now", async () => {
    const world = testWorld();
    const json = browserNo(1).toJSON();
    const first = await post(world, ann, json);
    const second = await post(world, bob, json);
    expect(second.body.id).toBe(first.body.id);
    expect((await listed(world, ann)).items).toEqual([]);
    expect((await listed(world, bob)).items).toHaveLength(1);
  });

  test("can't be taken by somebody who knows its endpoint only", async () => {
    const world = testWorld();
    await post(world, ann, browserNo(1).toJSON());
    await expect(post(world, bob, browserNo(1).toJSON())).rejects.toMatchObject({
      kind: "conflict",
      code: "subscription_taken",
    });
  });

  test("is one of 20 at most; those of keys that are not used any more make place", async () => {
    const world = testWorld();
    for (let n = 0; n < 20; n += 1) await post(world, ann, browserNo(n).toJSON());
    await expect(post(world, ann, browserNo(20).toJSON())).rejects.toMatchObject({
      code: "too_many_subscriptions",
    });
    await post(world, bob, browserNo(21).toJSON());
    const [oldest] = world.push.kept.values();
    if (oldest) world.push.kept.set(oldest.id, { ...oldest, vapid_key: derivedVapidKey("gone").publicKey });
    await post(world, ann, browserNo(20).toJSON());
    expect((await listed(world, ann)).items).toHaveLength(20);
  });

  test("ends when its browser said", async () => {
    const world = testWorld();
    const expirationTime = world.clock.time + 60_000;
    const { body } = await post(world, ann, { ...browserNo(1).toJSON(), expirationTime });
    expect(body.expires_at).toBe("2026-11-01T12:01:00.000Z");
    world.clock.time = expirationTime;
    expect((await listed(world, ann)).items).toEqual([]);
  });

  test.each([
    ["endpoint_not_allowed", { endpoint: "https://127.0.0.1/push" }],
    ["endpoint_not_allowed", { endpoint: "https://[::1]/push" }],
    ["endpoint_not_allowed", { endpoint: "https://ann:pw@push.example/" }],
    ["endpoint_not_allowed", { endpoint: `https://push.example/${"ä".repeat(2_000)}` }],
    ["endpoint_not_allowed", { endpoint: `https://${"a".repeat(300)}.example/` }],
    ["endpoint_not_allowed", { endpoint: "https://push.example:0/" }],
    ["keys_invalid", { keys: { p256dh: "A".repeat(87), auth: "A".repeat(22) } }],
    ["vapid_key_unknown", { vapid_public_key: derivedVapidKey("of another system").publicKey }],
  ])("is refused as %s: %j", async (code, wrong) => {
    const world = testWorld();
    const refused = post(world, ann, { ...browserNo(1).toJSON(), ...wrong });
    await expect(refused).rejects.toMatchObject({ kind: "invalid", code });
  });

  test.each([
    { endpoint: "http://push.example/" },
    { keys: {} },
    { endpoint: `https://push.example/${"x".repeat(2_100)}` },
  ])("is refused by the contract with %j", (wrong) => {
    expect(schema.safeParse({ ...browserNo(1).toJSON(), ...wrong }).success).toBe(false);
  });
});
