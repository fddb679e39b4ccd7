// How a payment is kept: as an item with its places in the indexes.

import { derivedId } from "../../lib/http/idempotency.ts";
import { earliest, nextDelivery, parkedEvents } from "../../lib/outbox/outbox.ts";
import { AggregateStore, type Codec } from "../../lib/storage/aggregate-store.ts";
import { dayKeys } from "../../lib/storage/day-index.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { Payment } from "./payment.ts";
import { checkDue } from "./payment-checks.ts";
import { openRefunds, parkedRefunds } from "./payment-refunds.ts";

export type PaymentStore = AggregateStore<Payment>;

/** An order has one payment, so its id follows from the order's. */
export const paymentIdFor = (orderId: string): string => derivedId("payment", orderId);

const codec: Codec<Payment> = {
  schemaVersion: 1,
  id: (payment) => payment.id,
  index: (payment) => ({ user: payment.user_id, ...dayKeys(payment.id, payment.created_at) }),
  dueAt(payment) {
    const checks = payment.attempts.map(checkDue);
    const refunds = openRefunds(payment).map((refund) => Date.parse(refund.next_at));
    return earliest(nextDelivery(payment.outbox), ...checks, ...refunds);
  },
  parked: (payment) => parkedEvents(payment.outbox).length > 0 || parkedRefunds(payment).length > 0,
};

/** Payments in `table`. */
export const paymentStore = (table: Table): PaymentStore => new AggregateStore(table, codec);
