// The names that items have for parts of an order, from before the code had better ones. Other versions read the same items
// while one is rolled out, so the items keep theirs; here, and nowhere else, the one becomes the other.

import type { Order, OrderPayment } from "./order.ts";

type StoredOrderPayment = Omit<OrderPayment, "lease_until" | "fencing_seq"> & {
  readonly live_until: OrderPayment["lease_until"];
  readonly fence?: OrderPayment["fencing_seq"];
};

type StoredOrder = Omit<Order, "payment"> & { readonly payment: StoredOrderPayment | null };

/** An order as its item has it. */
export function readStoredOrder({ payment, ...order }: StoredOrder): Order {
  if (payment === null) return { ...order, payment };
  const { live_until: lease_until, fence, ...rest } = payment;
  return {
    ...order,
    payment: { ...rest, lease_until, ...(fence === undefined ? {} : { fencing_seq: fence }) },
  };
}

/** An order as it is written into its item. */
export function writeStoredOrder({ payment, ...order }: Order): StoredOrder {
  if (payment === null) return { ...order, payment };
  const { lease_until: live_until, fencing_seq, ...rest } = payment;
  const fence = fencing_seq === undefined ? {} : { fence: fencing_seq };
  return { ...order, payment: { ...rest, live_until, ...fence } };
}
