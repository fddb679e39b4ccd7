// What requests are about: orders, payments and notifications of the people of a story.

import { SANDBOX_SECRET } from "../in-process.ts";
import { until } from "../poll.ts";
import { type Answer, itemsIn, orderIn, providerCallback, send, sendCallback, shop } from "../shop.ts";
import type { RequestParts, Story } from "./access.ts";
import { as } from "./callers.ts";

/** What `ask` makes; it is asked again where it makes nothing, as a system that is busy may refuse. */
export const made = (ask: () => Promise<Answer>) =>
  until("it is made", async () => {
    const { status, body } = await ask();
    if (status < 200 || status > 299)
      throw new Error(`${status} ${JSON.stringify(body)} is the answer, and nothing is made`);
    return body;
  });

const customer = async ({ urls, people }: Story) => shop({ urls }, people.buyer, await as(people.buyer));

/** A pending order of the buyer's with the seller. */
export async function order(story: Story) {
  const buyer = await customer(story);
  return made(() =>
    buyer.order({ customer_name: "张三", total_amount: 100, seller_id: story.people.seller }),
  );
}

/** The path parameters that name `of`. */
export const params = (of: { id: string }): RequestParts => ({ params: { id: of.id } });

/** A payment of such an order that waits for its payer. */
export async function payment(story: Story) {
  const { id } = await order(story);
  const buyer = await customer(story);
  return made(() => buyer.pay(id));
}

/** One that is paid. */
export async function paid(story: Story) {
  const begun = await payment(story);
  await sendCallback(story, providerCallback(SANDBOX_SECRET, begun));
  await orderIn(await customer(story), begun.order_id, "paid");
  return begun;
}

/** A notification that the buyer sent to themselves. */
export async function notification({ urls, people }: Story) {
  const body = { title: "note", content: "to myself" };
  const credentials = await as(people.buyer);
  return made(() => send("POST", `${urls.notifications}/api/notifications/`, body, credentials));
}

/** The items of a list as the buyer sees them. */
export async function listSeen(story: Story, key: string, path: string) {
  const credentials = await as(story.people.buyer);
  return until("the list is answered", async () =>
    itemsIn(await send("GET", `${story.urlOf(key)}${path}?limit=100`, undefined, credentials)),
  );
}
