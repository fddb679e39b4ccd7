// Work that becomes due for an order: delivery of its events to the parties, and its expiry.

import { formatAmount } from "../../lib/money/money.ts";
import { deliverOutbox } from "../../lib/outbox/deliver.ts";
import type { OutboxEvent } from "../../lib/outbox/outbox.ts";
import { createRelay, type Relay } from "../../lib/outbox/relay.ts";
import { causeOf, partiesOf } from "../events.ts";
import type { PartyEvent } from "../notifications/peer-contract.ts";
import { orders } from "./contract.ts";
import { expireOrder, expiryOf, type Order, type OrderOutboxEvent } from "./order.ts";
import type { OrderStore } from "./order-store.ts";
import type { OrderPorts } from "./ports.ts";
import { orderRelay } from "./relays.ts";

/** The relay of orders. */
export function createOrderRelay(
  store: OrderStore,
  ports: Pick<OrderPorts, "notifications" | "now" | "delivery">,
): Relay {
  return createRelay<Order>({
    name: orderRelay.name,
    service: orders.service,
    store,
    now: ports.now,
    async perform(order, now, scope) {
      const delivered = await deliverOutbox(
        order,
        now,
        scope,
        async (event, own) => {
          await ports.notifications.recordEvent({ body: toPartyEvent(order, event) }, own);
          return undefined;
        },
        ports.delivery,
        inOrder,
      );
      const expiry = expiryOf(order);
      const expired = expiry !== undefined && expiry <= now;
      if (!expired) return delivered;
      return {
        record: (current) => expireOrder(delivered ? delivered.record(current) : current, ports.now()),
        repeatable: false,
      };
    },
  });
}

/** Parties get an order's events in the order in which they happened. */
const inOrder = (): string => "parties";

const buyerOf = ({ buyer_id, buyer_email, buyer_locale }: Order) => ({
  user_id: buyer_id,
  email: buyer_email,
  ...(buyer_locale === undefined ? {} : { locale: buyer_locale }),
});

/** An outbox event in the form of NotificationService's API; `event_id` is the same in every delivery. */
function toPartyEvent(order: Order, { id, payload, created_at }: OutboxEvent<OrderOutboxEvent>): PartyEvent {
  const cause = causeOf(payload.data.reason);
  return {
    event_id: `${order.id}:${id}`,
    event: payload.event,
    occurred_at: created_at,
    related_id: order.id,
    data: {
      total_amount: formatAmount(order.total),
      currency: order.currency,
      ...(cause === undefined ? {} : { reason: cause }),
    },
    parties: partiesOf(buyerOf(order), order.seller_id),
  };
}
