// Data for the fuzzer: a random id belongs to no order, so it gets ids of real ones.

import { orderIn, providerCallback, sendCallback, shop } from "../../support/shop.ts";
import type { System } from "../../support/system.ts";

/** Ids of things of one user, in every state that there is. */
export interface FuzzShop {
  readonly orders: readonly string[];
  readonly payments: readonly string[];
  readonly notifications: readonly string[];
}

/** Orders of each kind: unpaid, under payment, paid. */
const EACH = 20;

/** Fills the system with orders, payments and notifications of the user with this token. */
export async function stockFuzzShop({ urls }: System, token: string, secret: string): Promise<FuzzShop> {
  const customer = shop({ urls }, "fuzz", { authorization: `Bearer ${token}` });
  const orders: string[] = [];
  const payments: string[] = [];
  for (let at = 0; at < EACH * 3; at += 1) {
    const { body: order } = await customer.order({ customer_name: "Fuzz", total_amount: 100 });
    orders.push(order.id);
    if (at < EACH) continue;
    const { body: payment } = await customer.pay(order.id);
    payments.push(payment.id);
    if (at < EACH * 2) continue;
    await sendCallback({ urls }, providerCallback(secret, payment));
    await orderIn(customer, order.id, "paid");
  }
  const notifications = (await customer.notifications()).map(({ id }) => id);
  return { orders, payments, notifications };
}
