// What is due of an order: events for its parties, and its expiry when nobody pays.

import type { BodyInput } from "../../lib/contract/route.ts";
import { formatAmount } from "../../lib/money/money.ts";
import { deliverAll } from "../../lib/outbox/deliver.ts";
import type { OutboxEvent } from "../../lib/outbox/outbox.ts";
import { createRelay, type Relay } from "../../lib/outbox/relay.ts";
import type { notifications } from "../notifications/contract.ts";
import { orders } from "./contract.ts";
import { CANCEL_CAUSES, expireOrder, expiryOf, type Order, type OrderEvent } from "./order.ts";
import type { OrderStore } from "./order-store.ts";
import type { OrderPorts } from "./ports.ts";

export const ORDERS_RELAY = "orders-relay";

type PartyEvent = BodyInput<typeof notifications.routes.recordEvent>;

/** The relay of orders. */
export function createOrderRelay(
  store: OrderStore,
  ports: Pick<OrderPorts, "notifications" | "now" | "outboxTries">,
): Relay {
  return createRelay<Order>({
    name: ORDERS_RELAY,
    service: orders.service,
    store,
    now: ports.now,
    async perform(order, now, scope) {
      const deliveries = await deliverAll<Order, OrderEvent>(
        order.outbox,
        now,
        scope,
        async (event) => {
          await ports.notifications.recordEvent({ body: toPartyEvent(order, event) }, scope);
          return undefined;
        },
        ports.outboxTries,
      );
      const expiry = expiryOf(order);
      const expired = expiry !== undefined && expiry <= now;
      if (!deliveries && !expired) return undefined;
      return (current) => {
        const outbox = deliveries ? deliveries.settle(current.outbox) : current.outbox;
        return expireOrder(outbox === current.outbox ? current : { ...current, outbox }, ports.now());
      };
    },
  });
}

/** An event of the outbox as NotificationService takes it; `event_id` is the same at every delivery. */
function toPartyEvent(order: Order, { id, payload, created_at }: OutboxEvent<OrderEvent>): PartyEvent {
  return {
    event_id: `${order.id}:${id}`,
    event: payload.event,
    occurred_at: created_at,
    related_id: order.id,
    data: { total_amount: formatAmount(order.total), currency: order.currency, ...causeOf(payload.data) },
    parties: partiesOf(order),
  };
}

/** Only what this system itself says: an event of the version before may hold what a user wrote. */
function causeOf({ reason }: OrderEvent["data"]): Record<string, string> {
  const cause = CANCEL_CAUSES.find((known) => known === reason);
  return cause === undefined ? {} : { reason: cause };
}

function partiesOf(order: Order) {
  const buyer = { user_id: order.buyer_id, role: "buyer" as const, email: order.buyer_email };
  if (order.seller_id === null || order.seller_id === order.buyer_id) return [buyer];
  return [buyer, { user_id: order.seller_id, role: "seller" as const, email: null }];
}
