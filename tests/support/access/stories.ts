// What requests are about: orders, payments and notifications of the people of a story.

import { SANDBOX_SECRET } from "../in-process.ts";
import { orderIn, providerCallback, send, sendCallback, shop } from "../shop.ts";
import type { RequestParts, Story } from "./access.ts";
import { as } from "./callers.ts";

const customer = async ({ urls, people }: Story) => shop({ urls }, people.buyer, await as(people.buyer));

/** A pending order of the buyer's with the seller. */
export async function order(story: Story) {
  const { body } = await (await customer(story)).order({
    customer_name: "张三",
    total_amount: 100,
    seller_id: story.people.seller,
  });
  return body;
}

/** The path parameters that name `of`. */
export const params = (of: { id: string }): RequestParts => ({ params: { id: of.id } });

/** A payment of such an order that waits for its payer. */
export async function payment(story: Story) {
  const { id } = await order(story);
  return (await (await customer(story)).pay(id)).body;
}

/** One that is paid. */
export async function paid(story: Story) {
  const made = await payment(story);
  await sendCallback(story, providerCallback(SANDBOX_SECRET, made));
  await orderIn(await customer(story), made.order_id, "paid");
  return made;
}

/** A notification that the buyer sent to themselves. */
export async function notification({ urls, people }: Story) {
  const body = { title: "note", content: "to myself" };
  return (await send("POST", `${urls.notifications}/api/notifications/`, body, await as(people.buyer))).body;
}

/** The items of a list as the buyer sees them. */
export async function listSeen(story: Story, key: string, path: string) {
  const credentials = await as(story.people.buyer);
  return (await send("GET", `${story.urlOf(key)}${path}?limit=100`, undefined, credentials)).body.items;
}
