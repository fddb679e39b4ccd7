// Shared by the tests of webhooks: sellers' webhooks in the world of the service's tests, and events of their orders.

import { derivedId } from "../../../lib/core/ids.ts";
import { EVENTS, type EventName } from "../../events.ts";
import { handle as create } from "../handlers/create-webhook.ts";
import { handle as recordEvent } from "../handlers/record-event.ts";
import { scope, user, type World } from "../test-world.ts";
import { deliveriesId } from "./deliveries.ts";

export const sam = user("sam", { scopes: ["sell"] });

/** A webhook of sam's for all events. */
export async function registered(
  world: World,
  url = "https://hooks.example/sam",
  events: readonly EventName[] = EVENTS,
) {
  const body = { url, events: [...events], enabled: true, orders: "own" as const };
  return (await create(world.service, { body, user: sam })).body;
}

/** Records that `event` happened to the order `order` of ann, whose seller is `seller`, at the world's time. */
export async function happened(
  { service, clock }: World,
  event: EventName,
  { order = "one", at = clock.time, seller = "sam" } = {},
): Promise<string> {
  const orderId = derivedId("order", order);
  const body = {
    event_id: `${order}:${event}:${at}`,
    event,
    occurred_at: new Date(at).toISOString(),
    related_id: orderId,
    data: { total_amount: "299.99", currency: "CNY" },
    parties: [
      { user_id: "ann", role: "buyer" as const, email: null },
      { user_id: seller, role: "seller" as const, email: null },
    ],
  };
  await recordEvent(service, { body, scope });
  return orderId;
}

/** Does what the relay was hinted at. */
export async function relayed({ service, webhooks }: World): Promise<void> {
  for (const id of webhooks.hints.splice(0)) await service.webhookRelay.relay(id);
}

/** A sweep at the world's time. */
export const swept = ({ service }: World): Promise<number> => service.webhookRelay.sweep();

/** The types of the messages that arrived, in their order. */
export const types = ({ webhooks }: World): readonly string[] =>
  webhooks.received.map(({ message }) => message.type);

/** What waits for `webhookId` of the order `order`. */
export const waiting = async ({ service }: World, webhookId: string, order = "one") =>
  (await service.deliveries.read(deliveriesId(webhookId, derivedId("order", order))))?.outbox ?? [];
