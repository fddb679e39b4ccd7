// The facts of one order by keys, so that reading them costs the same however much is stored.

import type { Notification } from "../../functions/notifications/notification.ts";
import { notificationStore } from "../../functions/notifications/notification-store.ts";
import { NOTIFICATION_INDEXES } from "../../functions/notifications/tables.ts";
import type { Order } from "../../functions/orders/order.ts";
import { orderStore } from "../../functions/orders/order-store.ts";
import type { Payment } from "../../functions/payments/payment.ts";
import { paymentStore } from "../../functions/payments/payment-store.ts";
import { chargeStore } from "../../functions/payments/providers/sandbox/sandbox.ts";
import { derivedId } from "../../lib/core/ids.ts";
import { iso } from "../../lib/core/iso.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { OrderFacts } from "./facts.ts";
import { paymentOf } from "./subject.ts";

export interface StoredFacts extends OrderFacts {
  /** Notifications about the order to users who are no party of it. */
  readonly others: readonly Notification[];
}

/** The notifications of an order whose ids are known. */
export interface KnownNotifications {
  readonly ids: readonly string[];
  /**
   * There are no others. Where there may be, those that there should be are read as well, and its parties' notifications of its time are listed,
   * which finds those that should not be there.
   */
  readonly complete: boolean;
}

export type ReadStored = (
  orderId: string,
  known: KnownNotifications,
  paymentId?: string,
) => Promise<StoredFacts>;

/** Of a user's notifications while an order went on. */
const MOST_LISTED = 500;
/** Times of events are those of the processes that wrote them. */
const CLOCKS_MS = 60_000;

/** Reads the facts of orders from `table`s. It keeps some of what it has read: make a new one after a while. */
export function storedFacts(table: (name: string) => Table): ReadStored {
  const orders = orderStore(table("orders"));
  const payments = paymentStore(table("payments"));
  const charges = chargeStore(table("sandbox"));
  const notifications = notificationStore(table("notifications"));

  const byIds = async (ids: readonly string[]): Promise<readonly Notification[]> =>
    (await Promise.all([...new Set(ids)].map((id) => notifications.read(id)))).flatMap((one) => one ?? []);

  /** By lists, and by key those that no list shows. */
  async function listed(known: readonly string[], order: Order | undefined, payment: Payment | undefined) {
    const parties = [...new Set(partiesOf(order, payment))];
    const lists = await Promise.all(
      parties.map((user) => notifications.list(windowOf(user, order, payment))),
    );
    const shown = lists.flatMap(({ items }) => items);
    const ids = new Set([...known, ...expectedIds(order, payment)]);
    for (const { id } of shown) ids.delete(id);
    return [...shown, ...(await byIds([...ids]))];
  }

  return async (orderId, { ids, complete }, paymentId = paymentOf(orderId)) => {
    const [order, payment, byKeys] = await Promise.all([
      orders.read(orderId),
      payments.read(paymentId),
      complete ? byIds(ids) : undefined,
    ]);
    const references = [...new Set(payment?.attempts.map(({ reference }) => reference))];
    const [decided, found] = await Promise.all([
      Promise.all(references.map((reference) => charges.read(reference))),
      byKeys ?? listed(ids, order, payment),
    ]);
    // A message that a user wrote is no event of the order.
    const ours = found.filter(
      ({ related_id, event }) => event !== "message" && (related_id === orderId || related_id === paymentId),
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
  };
}

/** The order that a stored notification is about; undefined where there is no such notification. */
export async function orderAbout(
  table: (name: string) => Table,
  notificationId: string,
): Promise<string | undefined> {
  const about = (await notificationStore(table("notifications")).read(notificationId))?.related_id;
  if (about == null) return undefined;
  return (await paymentStore(table("payments")).read(about))?.order_id ?? about;
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
