// The facts of one order by keys, so that reading them costs the same however much is stored.

import type { Notification } from "../../functions/notifications/notification.ts";
import { notificationStore } from "../../functions/notifications/notification-store.ts";
import { NOTIFICATION_INDEXES } from "../../functions/notifications/tables.ts";
import type { Order } from "../../functions/orders/order.ts";
import { orderStore } from "../../functions/orders/order-store.ts";
import type { Payment } from "../../functions/payments/payment.ts";
import { paymentIdFor, paymentStore } from "../../functions/payments/payment-store.ts";
import { chargeStore } from "../../functions/payments/providers/sandbox/sandbox.ts";
import { derivedId } from "../../lib/core/ids.ts";
import { iso } from "../../lib/core/iso.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { OrderFacts } from "./facts.ts";

export interface StoredFacts extends OrderFacts {
  /** Notifications about the order to users who are no party of it. */
  readonly others: readonly Notification[];
}

/** Of a user's notifications while an order went on. */
const MOST_LISTED = 500;
/** Times of events are those of the processes that wrote them. */
const CLOCKS_MS = 60_000;

/**
 * Reads the facts of an order. `known` are ids of notifications that are about it. With `listing` its parties' notifications
 * of that time are listed as well, which finds those that should not be there.
 */
export async function storedFacts(
  table: (name: string) => Table,
  orderId: string,
  known: readonly string[],
  listing: boolean,
): Promise<StoredFacts> {
  const charges = chargeStore(table("sandbox"));
  const notifications = notificationStore(table("notifications"));
  const [order, payment] = await Promise.all([
    orderStore(table("orders")).read(orderId),
    paymentStore(table("payments")).read(paymentIdFor(orderId)),
  ]);
  const references = [...new Set(payment?.attempts.map(({ reference }) => reference))];
  const ids = [...new Set([...known, ...expectedIds(order, payment)])];
  const parties = listing ? partiesOf(order, payment) : [];
  const [decided, found, ...lists] = await Promise.all([
    Promise.all(references.map((reference) => charges.read(reference))),
    Promise.all(ids.map((id) => notifications.read(id))),
    ...parties.map(async (user) => (await notifications.list(windowOf(user, order, payment))).items),
  ]);
  const all = new Map([...found.flatMap((one) => one ?? []), ...lists.flat()].map((one) => [one.id, one]));
  // A message that a user wrote is no event of the order.
  const ours = [...all.values()].filter(
    ({ related_id, event }) =>
      event !== "message" && (related_id === orderId || related_id === paymentIdFor(orderId)),
  );
  const [buyer, seller] = [order?.buyer_id ?? payment?.user_id, order?.seller_id ?? payment?.seller_id];
  return {
    order,
    payment,
    charges: decided.flatMap((charge) => charge ?? []),
    buyer: ours.filter(({ user_id }) => user_id === buyer),
    seller: ours.filter(({ user_id }) => user_id === seller),
    others: ours.filter(({ user_id }) => user_id !== buyer && user_id !== seller),
  };
}

const partiesOf = (order: Order | undefined, payment: Payment | undefined): string[] =>
  [order?.buyer_id ?? payment?.user_id, order?.seller_id ?? payment?.seller_id].flatMap((id) => id ?? []);

function windowOf(user: string, order: Order | undefined, payment: Payment | undefined) {
  const begun = Date.parse(order?.created_at ?? payment?.created_at ?? "");
  const changed = Math.max(...[order, payment].map((one) => Date.parse(one?.updated_at ?? "") || begun));
  const between = [iso(begun - CLOCKS_MS), iso(changed + CLOCKS_MS)] as const;
  return { index: NOTIFICATION_INDEXES.all, hash: user, bound: { between }, limit: MOST_LISTED };
}

/** Ids of the notifications that there should be, whether their users still see them or not. */
function expectedIds(order: Order | undefined, payment: Payment | undefined): readonly string[] {
  const events: string[] = [];
  if (order !== undefined) {
    const revisionAt = (index: number) => order.revision - (order.history.length - 1 - index);
    events.push(`${order.id}:order.created:1`);
    for (const status of ["paid", "cancelled", "completed"]) {
      const index = order.history.findIndex((entry) => entry.status === status);
      if (index >= 0) events.push(`${order.id}:order.${status}:${revisionAt(index)}`);
    }
  }
  for (const { no } of payment?.attempts ?? []) events.push(`${payment?.id}:failed:${no}`);
  for (const { id } of payment?.refunds ?? []) events.push(`${payment?.id}:refunded:${id}`);
  return events.flatMap((event) =>
    partiesOf(order, payment).map((user) => derivedId("notification", event, user)),
  );
}
