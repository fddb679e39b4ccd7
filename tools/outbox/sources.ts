// Which aggregates of this system can hold something that was given up.

import type { Order, OrderEvent } from "../../functions/orders/order.ts";
import { orderStore } from "../../functions/orders/order-store.ts";
import type { Payment, PaymentWord } from "../../functions/payments/payment.ts";
import { parkedRefunds, retryRefund } from "../../functions/payments/payment-refunds.ts";
import { paymentStore } from "../../functions/payments/payment-store.ts";
import type { SandboxCharge } from "../../functions/payments/providers/sandbox/charge.ts";
import { chargeStore } from "../../functions/payments/providers/sandbox/sandbox.ts";
import type { Table } from "../../lib/storage/table.ts";
import { eventParking, type ParkedSource, type Parking, parkedSource } from "./parked.ts";

const events = eventParking<PaymentWord, Payment>();

const paymentParking: Parking<Payment> = {
  list: (payment) => [
    ...events.list(payment),
    ...parkedRefunds(payment).map((refund) => ({
      kind: "refund" as const,
      id: refund.id,
      since: refund.created_at,
      tries: refund.tries + 1,
      error: "rejected by the provider",
    })),
  ],
  retry(payment, id, now) {
    const isRefund = parkedRefunds(payment).some((refund) => refund.id === id);
    return isRefund ? retryRefund(payment, id, now) : events.retry(payment, id, now);
  },
};

/** Everything that can be parked, over the tables that `table` gives by their short names. */
export const parkedSources = (table: (name: string) => Table): readonly ParkedSource[] => [
  parkedSource("orders", orderStore(table("orders")), eventParking<OrderEvent, Order>()),
  parkedSource("payments", paymentStore(table("payments")), paymentParking),
  parkedSource("sandbox", chargeStore(table("sandbox")), eventParking<"callback", SandboxCharge>()),
];
