// The buyer of a deal as one who gets pushes: by a browser that has subscribed, or by a live connection.

import { LiveClient } from "../../../support/live-client.ts";
import { until } from "../../../support/poll.ts";
import type { PushBrowser } from "../../../support/push-browser.ts";
import { send } from "../../../support/shop.ts";
import type { Deal } from "../../deal.ts";
import type { Rig } from "./rig.ts";

const browsers = new WeakMap<Deal, PushBrowser>();
const clients = new WeakMap<Deal, LiveClient>();
/** Browsers whose push service does not know them any more. */
const left = new WeakSet<PushBrowser>();

/** Subscribes a browser of the buyer's at the rig's push service; sent again until it is acknowledged. */
export async function subscribe(rig: Rig, deal: Deal): Promise<void> {
  const browser = rig.pushService.subscribe();
  browsers.set(deal, browser);
  await subscribed(rig, deal, browser);
}

/** Subscribes another one, of which its push service then says that it is gone. */
export async function subscribeAndLeave(rig: Rig, deal: Deal): Promise<void> {
  const browser = rig.pushService.subscribe();
  rig.pushService.answer = (asked) => ({ status: left.has(asked) ? 410 : 201 });
  left.add(browser);
  await subscribed(rig, deal, browser);
}

async function subscribed({ system }: Rig, deal: Deal, browser: PushBrowser): Promise<void> {
  await until("the browser is subscribed", async () => {
    const { status, body } = await send("POST", subscriptionsUrl(system), browser.toJSON(), userOf(deal));
    if (status >= 400 && status < 500) throw new Error(`It is refused: ${status} ${JSON.stringify(body)}`);
    return status === 201;
  });
}

const subscriptionsUrl = ({ urls }: Rig["system"]): string =>
  `${urls.notifications}/api/notifications/subscriptions/`;
const userOf = ({ buyer }: Deal) => ({ uuid: buyer.user });

/** Opens a live connection of the buyer's, which comes back whenever it is lost. */
export async function connect({ system }: Rig, deal: Deal): Promise<void> {
  const client = clientOf(system, deal.buyer);
  clients.set(deal, client);
  await until("it is connected", () => client.ready);
}

/** Opens another one, and closes it. */
export const connectAndLeave = ({ system }: Rig, { buyer }: Deal): Promise<void> => comeAndGo(system, buyer);

/** Opens a live connection of the seller's, and closes it. */
export const sellerComesAndGoes = ({ system }: Rig, { seller }: Deal): Promise<void> =>
  seller === undefined ? Promise.resolve() : comeAndGo(system, seller);

async function comeAndGo(system: Rig["system"], who: Deal["buyer"]): Promise<void> {
  const client = clientOf(system, who);
  await until("it is connected", () => client.ready).finally(() => client.close());
}

const clientOf = (system: Rig["system"], { user }: Deal["buyer"]): LiveClient =>
  new LiveClient({ url: () => system.urls.notifications, user });

/** What of the buyer's notifications has not reached their browser, in sentences. */
export async function unpushed({ system, pushService }: Rig, deal: Deal): Promise<readonly string[]> {
  const browser = browsers.get(deal);
  const pushed = pushService.pushed.filter((one) => one.browser === browser);
  const due = new Set((await deal.buyer.notifications()).map(({ id }) => id));
  const sent = new Set(pushed.map(({ message }) => String(message["id"])));
  const { body } = await send("GET", subscriptionsUrl(system), undefined, userOf(deal));
  return [
    ...[...due].filter((id) => !sent.has(id)).map((id) => `the notification ${id} was not pushed`),
    ...[...sent].filter((id) => !due.has(id)).map((id) => `${id} was pushed, and is no notification`),
    ...pushed
      .filter(({ message, topic }) => topic !== String(message["id"]).replaceAll("-", ""))
      .map(({ topic }) => `a push has another topic: ${topic}`),
    ...(body.items.length === 1 ? [] : [`${body.items.length} browsers are subscribed, and one is there`]),
  ];
}

/** What of the buyer's notifications has not come to their connection once and in order, in sentences. */
export async function unsent(_rig: Rig, deal: Deal): Promise<readonly string[]> {
  const client = clients.get(deal);
  if (client?.ready !== true) return ["the client is not connected"];
  // What was recorded just before a crash comes with the next ping at the latest.
  client.ping();
  const due = (await deal.buyer.notifications()).length;
  const positions = client.received.map(({ position }) => position);
  const whole = positions.length === due && positions.every((position, index) => position === index + 1);
  return [
    ...(whole ? [] : [`${due} notifications were recorded, and the positions ${positions} were sent`]),
    ...client.disorder.map((position) => `position ${position} came twice, or too early`),
  ];
}

/** Closes the buyer's connection. */
export const disconnect = (deal: Deal): void => clients.get(deal)?.close();
