// What the database, the sandbox provider's own records and the notifications say of an order, read past the services.

import type { Notification } from "../../functions/notifications/notification.ts";
import { notificationStore } from "../../functions/notifications/notification-store.ts";
import { NOTIFICATION_INDEXES } from "../../functions/notifications/tables.ts";
import type { Order } from "../../functions/orders/order.ts";
import { orderStore } from "../../functions/orders/order-store.ts";
import { orderToView } from "../../functions/orders/order-view.ts";
import type { Payment } from "../../functions/payments/payment.ts";
import { paymentIdFor, paymentStore } from "../../functions/payments/payment-store.ts";
import { paymentToView } from "../../functions/payments/payment-view.ts";
import type { SandboxCharge } from "../../functions/payments/providers/sandbox/charge.ts";
import { chargeStore } from "../../functions/payments/providers/sandbox/sandbox.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { Acknowledgement } from "./deal-record.ts";
import type { Seen, SeenNotification } from "./judge.ts";

/** An order as it is stored, with its payment and what the provider has recorded of it. */
export interface OrderFacts {
  readonly order: Order | undefined;
  readonly payment: Payment | undefined;
  readonly charges: readonly SandboxCharge[];
  readonly buyer: readonly Notification[];
  readonly seller: readonly Notification[];
}

/** The ids of an order and its parties. */
export interface Parties {
  readonly orderId: string;
  readonly buyerId: string;
  readonly sellerId: string | undefined;
}

export type ReadFacts = (parties: Parties) => Promise<OrderFacts>;

const PAGE = 100;

/** Reads facts from the tables of a system. Lists of notifications are read once for each user: make a new reader to look again. */
export function factsReader(table: (name: string) => Table): ReadFacts {
  const orders = orderStore(table("orders"));
  const payments = paymentStore(table("payments"));
  const charges = chargeStore(table("sandbox"));
  const notifications = notificationStore(table("notifications"));
  const lists = new Map<string, Promise<readonly Notification[]>>();

  async function listOf(user: string): Promise<readonly Notification[]> {
    const found: Notification[] = [];
    let after: string | undefined;
    do {
      const bound = after === undefined ? {} : { bound: { ">": after } };
      const query = { index: NOTIFICATION_INDEXES.all, hash: user, limit: PAGE, ...bound };
      const page = await notifications.list(query);
      found.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    return found;
  }

  function notified(user: string): Promise<readonly Notification[]> {
    const known = lists.get(user) ?? listOf(user);
    lists.set(user, known);
    return known;
  }

  return async ({ orderId, buyerId, sellerId }) => {
    const [order, payment] = await Promise.all([orders.read(orderId), payments.read(paymentIdFor(orderId))]);
    const references = [...new Set(payment?.attempts.map(({ reference }) => reference))];
    const [toBuyer, toSeller, ...known] = await Promise.all([
      notified(buyerId),
      sellerId === undefined ? [] : notified(sellerId),
      ...references.map((reference) => charges.read(reference)),
    ]);
    const ours = ({ related_id }: Notification) => related_id === orderId || related_id === payment?.id;
    return {
      order,
      payment,
      charges: known.flatMap((charge) => charge ?? []),
      buyer: toBuyer.filter(ours),
      seller: toSeller.filter(ours),
    };
  };
}

/** The facts in the terms of the judge; mails are those that the mail server has accepted. */
export function seenOf({ order, payment, buyer, seller }: OrderFacts, stranger: Seen["stranger"]): Seen {
  const shown =
    order === undefined ? undefined : { ...orderToView(order), deleted: order.deleted_at !== null };
  return {
    order: shown,
    payment: payment === undefined ? undefined : paymentToView(payment),
    orders: shown === undefined || shown.deleted ? [] : [shown.id],
    payments: payment === undefined ? [] : [payment.id],
    notified: { buyer: buyer.map(seenNotification), seller: seller.map(seenNotification) },
    stranger,
    mails: buyer.filter(({ channels }) => channels.email === "sent").map(({ id }) => id),
  };
}

const seenNotification = ({ id, event, related_id }: Notification): SeenNotification => ({
  id,
  event,
  related_id,
});

/** The captures of the provider's own records, as what was acknowledged to it. */
export const capturesOf = ({ charges }: OrderFacts): Acknowledgement[] =>
  charges.flatMap(({ decision }) =>
    decision?.outcome === "success"
      ? [{ what: "capture taken", transaction: decision.transaction_id, amount: decision.amount }]
      : [],
  );
