// Composes OrderService: store, peers, relay. Handlers take what they need from here.

import { deriveKeys } from "../../lib/auth/keys.ts";
import { live } from "../../lib/config/live.ts";
import { perSettings } from "../../lib/config/per-settings.ts";
import { hintTo } from "../../lib/outbox/hint.ts";
import { DELIVERY } from "../../lib/outbox/outbox.ts";
import type { Relay } from "../../lib/outbox/relay.ts";
import { platform } from "../../lib/platform/platform.ts";
import { forPeers as notifications } from "../notifications/peer-contract.ts";
import { orders } from "./contract.ts";
import { createOrderRelay } from "./order-relay.ts";
import { type OrderStore, orderStore } from "./order-store.ts";
import { orderTotals, type TotalsOf } from "./order-totals.ts";
import type { OrderPorts } from "./ports.ts";
import { orderRelay } from "./relays.ts";

export interface OrderService {
  readonly ports: OrderPorts;
  readonly store: OrderStore;
  readonly totalsOf: TotalsOf;
  readonly relay: Relay;
}

/** An OrderService with the given ports. */
export function createOrderService(ports: OrderPorts): OrderService {
  const store = orderStore(ports.table);
  return { ports, store, totalsOf: orderTotals(store), relay: createOrderRelay(store, ports) };
}

/** This process's OrderService. */
export const orderService: () => OrderService = perSettings(() => {
  const { config, secrets, table, client } = platform();
  return createOrderService({
    table: table("orders"),
    notifications: client(notifications, orders.service),
    cursorKeys: deriveKeys(secrets, "cursor"),
    get lifetime() {
      return live().order_expiry_minutes * 60_000;
    },
    delivery: { ...DELIVERY, maxTries: config.OUTBOX_MAX_TRIES },
    now: Date.now,
    hint: hintTo(orders.service, orderRelay.name, () => orderService().relay),
  });
});
