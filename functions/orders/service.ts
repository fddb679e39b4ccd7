// OrderService put together: its store, its peers, its relay. Handlers take what they need from here.

import { deriveKey } from "../../lib/auth/keys.ts";
import { live } from "../../lib/config/live.ts";
import { platform } from "../../lib/http/platform.ts";
import { hintRelay } from "../../lib/outbox/hint.ts";
import type { Relay } from "../../lib/outbox/relay.ts";
import { notifications } from "../notifications/contract.ts";
import { orders } from "./contract.ts";
import { createOrderRelay, ORDERS_RELAY } from "./order-relay.ts";
import { type OrderStore, orderStore } from "./order-store.ts";
import type { OrderPorts } from "./ports.ts";

export interface OrderService {
  readonly ports: OrderPorts;
  readonly store: OrderStore;
  readonly relay: Relay;
}

/** OrderService over given ports. */
export function createOrderService(ports: OrderPorts): OrderService {
  const store = orderStore(ports.table);
  return { ports, store, relay: createOrderRelay(store, ports) };
}

let shared: OrderService | undefined;

/** This process's OrderService. */
export function orderService(): OrderService {
  if (shared) return shared;
  const { config, secret, table, client } = platform();
  shared = createOrderService({
    table: table("orders"),
    notifications: client(notifications, orders.service),
    cursorKey: deriveKey(secret, "cursor"),
    get lifetime() {
      return live().order_expiry_minutes * 60_000;
    },
    outboxTries: config.OUTBOX_MAX_TRIES,
    now: Date.now,
    hint: (id, traceparent) => hintRelay(ORDERS_RELAY, id, traceparent),
  });
  return shared;
}
