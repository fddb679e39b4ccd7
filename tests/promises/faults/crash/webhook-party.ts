// The seller of a deal as one whose system is told by webhook.

import { clientOf } from "../../../support/dynamo.ts";
import { until } from "../../../support/poll.ts";
import { send } from "../../../support/shop.ts";
import type { Deal } from "../../deal.ts";
import type { Rig } from "./rig.ts";

const EVENTS = ["order.created", "order.cancelled"];

/** Registers a webhook for the deal's seller; sent again until it is acknowledged. What was not acknowledged may be there, too. */
export async function register({ system, receiver }: Rig, deal: Deal): Promise<void> {
  const seller = sellerOf(deal);
  const url = `${system.urls.notifications}/api/notifications/webhooks/`;
  const settings = { url: receiver.urlFor(seller.user), events: EVENTS };
  await until("the webhook is registered", async () => {
    const { status, body } = await send("POST", url, settings, { uuid: seller.user });
    if (status >= 400 && status < 500) throw new Error(`It is refused: ${status} ${JSON.stringify(body)}`);
    if (status === 201) receiver.trust(seller.user, body.secret);
    return status === 201;
  });
}

/** Removes the note that there has ever been a webhook: the next one is the first of the deployment. */
export async function asTheFirst({ system }: Rig): Promise<void> {
  const { DB_NAME, DB_PORT } = system.env;
  await clientOf(`http://127.0.0.1:${DB_PORT}`).send("DeleteItem", {
    TableName: `${DB_NAME}-webhooks`,
    Key: { id: { S: "in-use" } },
  });
}

/** What of the seller's events did not come to their webhook, once and in order, in sentences. */
export async function untold({ receiver }: Rig, deal: Deal): Promise<readonly string[]> {
  const seller = sellerOf(deal);
  const due = (await seller.notifications())
    .map(({ event }) => String(event))
    .filter((event) => EVENTS.includes(event))
    .sort((one, other) => EVENTS.indexOf(one) - EVENTS.indexOf(other));
  const firsts = new Map(receiver.receivedBy(seller.user).map((message) => [message.id, message]));
  const types = [...firsts.values()].map(({ type }) => type);
  const others = [...firsts.values()].filter(({ orderId }) => orderId !== deal.orderId);
  return [
    ...(types.join() === due.join() ? [] : [`the webhook was told ${types}, and due was ${due}`]),
    ...others.map(({ type, orderId }) => `the webhook was told ${type} of another order, ${orderId}`),
  ];
}

function sellerOf({ label, seller }: Deal): NonNullable<Deal["seller"]> {
  if (seller === undefined) throw new Error(`${label} has no seller`);
  return seller;
}
