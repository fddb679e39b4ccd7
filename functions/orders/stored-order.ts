// Converts between an order and its stored item, in which some fields have older names. Stored names are kept, because during
// a rolling deploy the previous version reads the same items. Only this file knows the stored names.

import type { Order, OrderPayment } from "./order.ts";

type StoredOrderPayment = Omit<OrderPayment, "lease_until" | "fencing_seq"> & {
  readonly live_until: OrderPayment["lease_until"];
  readonly fence?: OrderPayment["fencing_seq"];
};

type StoredOrder = Omit<Order, "payment"> & { readonly payment: StoredOrderPayment | null };

/** The order that a stored item holds. */
export function readStoredOrder({ payment, ...order }: StoredOrder): Order {
  if (payment === null) return { ...order, payment };
  const { live_until: lease_until, fence, ...rest } = payment;
  return {
    ...order,
    payment: { ...rest, lease_until, ...(fence === undefined ? {} : { fencing_seq: fence }) },
  };
}

/** The stored item of an order. */
export function writeStoredOrder({ payment, ...order }: Order): StoredOrder {
  if (payment === null) return { ...order, payment };
  const { lease_until: live_until, fencing_seq, ...rest } = payment;
  const fence = fencing_seq === undefined ? {} : { fence: fencing_seq };
  return { ...order, payment: { ...rest, live_until, ...fence } };
}
