// What an order owes: word to its parties, and its own end when nobody pays.

import { formatAmount } from "../../lib/money/money.ts";
import { deliverAll } from "../../lib/outbox/deliver.ts";
import { createRelay, type Relay } from "../../lib/outbox/relay.ts";
import { orders } from "./contract.ts";
import { expireOrder, expiryOf, type Order, type OrderFact } from "./order.ts";
import type { OrderStore } from "./order-store.ts";
import type { OrderPorts } from "./ports.ts";

export const ORDERS_RELAY = "orders-relay";

/** The relay of orders. */
export function createOrderRelay(store: OrderStore, ports: Pick<OrderPorts, "notifications" | "now">): Relay {
  return createRelay<Order>({
    name: ORDERS_RELAY,
    service: orders.service,
    store,
    now: ports.now,
    async perform(order, now, scope) {
      const deliveries = await deliverAll<Order, OrderFact>(order.outbox, now, scope, async (event) => {
        await ports.notifications.recordEvent(
          {
            body: {
              event_id: `${order.id}:${event.id}`,
              event: event.payload.event,
              occurred_at: event.created_at,
              related_id: order.id,
              data: {
                total_amount: formatAmount(order.total),
                currency: order.currency,
                ...event.payload.data,
              },
              parties: partiesOf(order),
            },
          },
          scope,
        );
        return undefined;
      });
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

function partiesOf(order: Order) {
  const buyer = { user_id: order.buyer_id, role: "buyer" as const, email: order.buyer_email };
  if (order.seller_id === null || order.seller_id === order.buyer_id) return [buyer];
  return [buyer, { user_id: order.seller_id, role: "seller" as const, email: null }];
}
