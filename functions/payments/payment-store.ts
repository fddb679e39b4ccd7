// How a payment is stored: as an item with its index keys.

import { derivedId } from "../../lib/core/ids.ts";
import { formatAmount } from "../../lib/money/money.ts";
import type { Logger } from "../../lib/observability/log.ts";
import { earliest, nextDelivery, parkedEvents } from "../../lib/outbox/outbox.ts";
import { AggregateStore, type Changed, type Codec } from "../../lib/storage/aggregate-store.ts";
import { dayKeys } from "../../lib/storage/day-index.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { Payment } from "./payment.ts";
import { checkDue, isUnanswered } from "./payment-checks.ts";
import { openRefunds, overdueRefunds, parkedRefunds } from "./payment-refunds.ts";
import { readStoredPayment, writeStoredPayment } from "./stored-payment.ts";
import { SurplusCapture } from "./surplus-capture.ts";

export type PaymentStore = AggregateStore<Payment>;

/** The id of an order's payment: derived from the order's id, since an order has one payment. */
export const paymentIdFor = (orderId: string): string => derivedId("payment", orderId);

/** True for a payment that was created for a surplus capture: it does not pay an order. */
export const isSurplus = (payment: Payment): boolean => payment.id !== paymentIdFor(payment.order_id);

const codec: Codec<Payment> = {
  schemaVersion: 1,
  stored: { read: readStoredPayment, write: writeStoredPayment },
  id: (payment) => payment.id,
  index: (payment) => ({ user: payment.user_id, ...dayKeys(payment.id, payment.created_at) }),
  dueAt(payment) {
    const checks = payment.attempts.map(checkDue);
    const refunds = openRefunds(payment).map((refund) => Date.parse(refund.next_at));
    return earliest(nextDelivery(payment.outbox), ...checks, ...refunds);
  },
  parked: (payment) =>
    parkedEvents(payment.outbox).length > 0 ||
    parkedRefunds(payment).length > 0 ||
    overdueRefunds(payment).length > 0 ||
    payment.attempts.some(isUnanswered),
};

/** Payments in `table`. */
export const paymentStore = (table: Table): PaymentStore => new AggregateStore(table, codec);

/**
 * Like `store.change`, but a capture that does not fit is stored as a payment of its own, and this payment does not change.
 * That is logged as an error: it only happens when a provider captures again and again.
 */
export async function changeKeepingSurplus(
  store: PaymentStore,
  id: string,
  log: Pick<Logger, "error">,
  decide: (payment: Payment) => Payment,
): Promise<Changed<Payment> | undefined> {
  try {
    return await store.change(id, decide);
  } catch (error) {
    if (!(error instanceof SurplusCapture)) throw error;
    const { payment, surplus } = error;
    if (await store.create(surplus)) {
      const [capture] = surplus.attempts;
      log.error(
        {
          code: error.code,
          payment: payment.id,
          kept_as: surplus.id,
          transaction: capture?.transaction_id,
          amount: formatAmount(capture?.captured_amount ?? 0),
        },
        "a payment has no room for another capture; it is stored as a payment of its own and refunded",
      );
    }
    return { state: payment, changed: false };
  }
}
