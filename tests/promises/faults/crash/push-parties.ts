// The buyer of a deal as one who gets pushes: by a browser that has subscribed, or by a live connection.

import { LiveClient } from "../../../support/live-client.ts";
import { until } from "../../../support/poll.ts";
import type { PushBrowser } from "../../../support/push-browser.ts";
import { send } from "../../../support/shop.ts";
import type { Deal } from "../../deal.ts";
import type { Rig } from "./rig.ts";

const browsers = new WeakMap<Deal, PushBrowser>();
const clients = new WeakMap<Deal, LiveClient>();

/** Subscribes a browser of the buyer's at the rig's push service. */
export async function subscribe({ system, pushService }: Rig, deal: Deal): Promise<void> {
  const browser = pushService.subscribe();
  browsers.set(deal, browser);
  const url = `${system.urls.notifications}/api/notifications/subscriptions/`;
  const { status, body } = await send("POST", url, browser.toJSON(), { uuid: deal.buyer.user });
  if (status !== 201) throw new Error(`The browser was refused: ${status} ${JSON.stringify(body)}`);
}

/** Opens a live connection of the buyer's, which comes back whenever it is lost. */
export async function connect({ system }: Rig, deal: Deal): Promise<void> {
  const client = new LiveClient({ url: () => system.urls.notifications, user: deal.buyer.user });
  clients.set(deal, client);
  await until("it is connected", () => client.ready);
}

/** What of the buyer's notifications has not reached their browser, in sentences. */
export async function unpushed({ pushService }: Rig, deal: Deal): Promise<readonly string[]> {
  const browser = browsers.get(deal);
  const pushed = pushService.pushed.filter((one) => one.browser === browser);
  const due = new Set((await deal.buyer.notifications()).map(({ id }) => id));
  const sent = new Set(pushed.map(({ message }) => String(message["id"])));
  return [
    ...[...due].filter((id) => !sent.has(id)).map((id) => `the notification ${id} was not pushed`),
    ...[...sent].filter((id) => !due.has(id)).map((id) => `${id} was pushed, and is no notification`),
    ...pushed
      .filter(({ message, topic }) => topic !== String(message["id"]).replaceAll("-", ""))
      .map(({ topic }) => `a push has another topic: ${topic}`),
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
