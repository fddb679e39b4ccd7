// The records in the embedded database, with dynamoose as it really talks.

import { describe, expect, test } from "@jest/globals";
import { StorageUnavailable } from "../../../lib/storage/errors.ts";
import { PushBrowser } from "../../../tests/support/push-browser.ts";
import { recordsDatabase } from "../test-records.ts";
import { type Subscription, subscriptionOf } from "./subscription.ts";
import { subscriptionRecords } from "./subscription-records.ts";
import { derivedVapidKey } from "./vapid-keys.ts";

const key = derivedVapidKey("a secret").publicKey;

function subscriptionNo(n: number, userId: string): Subscription {
  const browser = new PushBrowser(`https://push.example/${n}`);
  const terms = { user: { id: userId }, vapidKeys: [key], anywhere: false, now: 1_790_000_000_000 };
  return subscriptionOf(browser.toJSON(), terms);
}

const recordsIn = ({ client, endpoint }: ReturnType<ReturnType<typeof recordsDatabase>>) =>
  subscriptionRecords(client, endpoint, "test-subscriptions");

describe("Push subscriptions in a table that has none yet", () => {
  const database = recordsDatabase();

  test("are in use from the first one on, and that mark is nobody's subscription", async () => {
    const { inUse, idsOf, write, read } = recordsIn(database());
    expect(await inUse()).toBe(false);
    await write(subscriptionNo(0, "zoe"));
    expect(await inUse()).toBe(true);
    expect(await read("in-use")).toBeUndefined();
    expect(await idsOf("zoe")).toHaveLength(1);
  });
});

describe("Push subscriptions in DynamoDB", () => {
  const database = recordsDatabase();
  const records = () => recordsIn(database());

  test("are written, found by their user, read and removed", async () => {
    const { idsOf, read, remove, write } = records();
    const [one, other] = [subscriptionNo(1, "ann"), subscriptionNo(2, "ann")];
    await write(one);
    await write({ ...other, locale: "zh-CN", expires_on: 1_800_000_000 });
    expect([...(await idsOf("ann"))].sort()).toEqual([one.id, other.id].sort());
    expect(await read(one.id)).toEqual(one);
    expect(await read(other.id)).toEqual({ ...other, locale: "zh-CN", expires_on: 1_800_000_000 });
    await remove(one);
    expect(await read(one.id)).toBeUndefined();
    expect(await idsOf("ann")).toEqual([other.id]);
  });

  test("move to another user whole: nothing of the one before stays", async () => {
    const { idsOf, read, write } = records();
    const { locale: _, ...first } = subscriptionNo(3, "bob");
    await write({ ...first, locale: "zh-CN", expires_on: 1_800_000_000 });
    const moved = { ...first, user_id: "cleo" };
    await write(moved);
    expect(await read(first.id)).toEqual(moved);
    expect([await idsOf("bob"), await idsOf("cleo")]).toEqual([[], [first.id]]);
  });

  test("can't be written while the database is away", async () => {
    const nowhere = { ...database().endpoint, url: "http://127.0.0.1:9" };
    const { write } = subscriptionRecords(database().client, nowhere, "test-subscriptions");
    await expect(write(subscriptionNo(4, "ann"))).rejects.toThrow(StorageUnavailable);
  });
});
