// The relay of orders: runs on a hint after a write, and on a schedule.

import { type RelayEvent, relayHandler, runRelay } from "../../../lib/outbox/relay-handler.ts";
import type { SweepBudget } from "../../../lib/outbox/sweep.ts";
import { platform } from "../../../lib/platform/platform.ts";
import { orders } from "../contract.ts";
import { orderRelay } from "../relays.ts";
import { type OrderService, orderService } from "../service.ts";

/** Delivers events of orders, and expires unpaid ones. */
export const handle = ({ relay }: OrderService, event: RelayEvent, budget?: SweepBudget): Promise<void> =>
  runRelay(relay, event, budget);

export const handler = relayHandler(
  orderRelay.name,
  orders.service,
  (event, budget) => handle(orderService(), event, budget),
  () => ["orders"].map((name) => platform().table(name)),
);
