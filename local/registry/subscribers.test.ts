import { expect, test } from "@jest/globals";
import { Subscribers } from "./subscribers.ts";

const id = { namespace: "public", group: "DEFAULT_GROUP", name: "OrderService" };
const other = { ...id, group: "OTHER" };
const subscriber = { address: "127.0.0.1", port: 5_000, clusters: "DEFAULT" };

test("a subscriber is known for its service until it stops polling", () => {
  let now = 0;
  const subscribers = new Subscribers(() => now);
  subscribers.renew(id, subscriber);
  now += 30_000;
  expect(subscribers.of(id)).toMatchObject([subscriber]);
  expect(subscribers.of(other)).toEqual([]);
  subscribers.renew(id, subscriber);
  now += 30_000;
  subscribers.sweep();
  expect(subscribers.of(id)).toMatchObject([subscriber]);
  now += 1;
  expect(subscribers.of(id)).toEqual([]);
});
