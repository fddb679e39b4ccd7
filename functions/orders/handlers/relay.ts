// The relay of orders: hinted after a write, and swept by schedule.

import { relayHandler } from "../../../lib/outbox/relay.ts";
import { orders } from "../contract.ts";
import { ORDERS_RELAY } from "../order-relay.ts";
import { orderService } from "../service.ts";

export const handler = relayHandler(ORDERS_RELAY, orders.service, () => orderService().relay);
