// What every reply is held to: it shows a state that was committed, and current during the request, to a user who may see it.

import type { OrderView } from "../../../functions/orders/contract.ts";
import type { Order } from "../../../functions/orders/order.ts";
import { orderToView } from "../../../functions/orders/order-view.ts";
import type { PaymentView } from "../../../functions/payments/contract.ts";
import type { Payment } from "../../../functions/payments/payment.ts";
import { paymentToView } from "../../../functions/payments/payment-view.ts";
import type { Reply } from "./client.ts";
import type { SimulatedSystem } from "./simulated-system.ts";
import type { UserName } from "./terms.ts";

/** Reads an order out of a reply of 2xx, and holds it to the truth. */
export function orderIn(world: SimulatedSystem, user: UserName, reply: Reply): OrderView {
  const view: OrderView = JSON.parse(reply.text);
  if (view.buyer_id !== user && view.seller_id !== user)
    world.broken("private", `${user} is shown order ${view.id} of ${view.buyer_id}`);
  const states = ordersSince(world, view.id, reply.since);
  const real = states.some(
    (state) => state.revision === view.version && JSON.stringify(orderToView(state)) === reply.text,
  );
  if (!real)
    world.broken(
      "durable",
      `${user} reads order ${view.id} ${view.status} v${view.version}, which was not so`,
    );
  return view;
}

/** Reads a payment out of a reply of 2xx, and holds it to the truth. */
export function paymentIn(world: SimulatedSystem, user: UserName, reply: Reply): PaymentView {
  const view: PaymentView = JSON.parse(reply.text);
  const states = paymentsSince(world, view.id, reply.since);
  const seller = states.at(-1)?.seller_id;
  if (view.user_id !== user && seller !== user && user !== "ray")
    world.broken("private", `${user} is shown the payment of ${view.user_id}`);
  if (!states.some((state) => JSON.stringify(paymentToView(state)) === reply.text))
    world.broken("durable", `${user} reads payment ${view.id} ${view.status}, which was not so`);
  return view;
}

/** States of an order that were current since commit number `since`. */
export const ordersSince = (world: SimulatedSystem, id: string, since: number): Order[] =>
  world.commits.statesSince(world.commits.orders.get(id) ?? [], since);

const paymentsSince = (world: SimulatedSystem, id: string, since: number): Payment[] =>
  world.commits.statesSince(world.commits.payments.get(id) ?? [], since);
