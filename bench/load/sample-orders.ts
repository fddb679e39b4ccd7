// Orders as a shop has them after a while, made by the rules themselves.

import { v7 } from "uuid";
import { completeOrder, createOrder, type Order } from "../../functions/orders/order.ts";
import { applyPaymentEvent, type PaymentEvent } from "../../functions/orders/order-payment.ts";
import { grantPaymentLease } from "../../functions/orders/payment-lease.ts";

const DAY_MS = 24 * 3_600_000;
/** The same for all runs, so that they store the same. */
const NEWEST = Date.UTC(2026, 0, 1);
const LINES = [
  { product_id: "tea-oolong-250", name: "乌龙茶 250 g", unit_price: 8_800, quantity: 2 },
  { product_id: "cup-celadon", name: "Celadon cup", unit_price: 4_950, quantity: 4 },
  { product_id: "tray-bamboo", name: "Bamboo tray", unit_price: 12_900, quantity: 1 },
];
const SHIPPING = {
  name: "张三",
  phone: "+86 138 0000 0000",
  address: "上海市徐汇区 1 号",
  postal_code: "200030",
};

export interface Sample {
  readonly user: string;
  readonly seller?: string | null;
  /** Which order of the user: the higher, the older. */
  readonly n: number;
  /** Gives the rest of the ids. */
  readonly random: () => number;
}

/** The `n`th order of `user`: nine of ten are completed, one is paid. All its events are delivered. */
export function sampleOrder({ user, seller = null, n, random }: Sample): Order {
  // A user's orders are spread over a year, no two at the same time.
  const at = NEWEST - n * 3_000_000;
  const lines = LINES.slice(0, 1 + (n % 3));
  const id = idAt(at, random);
  const created = createOrder(
    {
      id,
      buyer_id: user,
      buyer_email: null,
      seller_id: seller,
      customer_name: "张三",
      currency: "CNY",
      lines,
      total: lines.reduce((total, line) => total + line.unit_price * line.quantity, 0),
      shipping: SHIPPING,
      remark: n % 4 === 0 ? "Please wrap it as a gift." : "",
      fingerprint: "",
      lifetime: 1_800_000,
    },
    at,
  );
  const paid = pay(created, user, idAt(at + 60_000, random));
  const order = n % 10 === 0 ? paid : completeOrder(paid, at + 2 * DAY_MS);
  return { ...order, outbox: [] };
}

const idAt = (msecs: number, random: () => number): string =>
  v7({ msecs, random: Uint8Array.from({ length: 16 }, () => random() * 256) });

function pay(order: Order, user: string, payment_id: string): Order {
  const at = Date.parse(order.created_at) + 60_000;
  const lease_until = new Date(at + 900_000).toISOString();
  const open = grantPaymentLease(order, { payment_id, user_id: user, lease_until, amount: undefined }, at);
  const capture: PaymentEvent = {
    payment_id,
    seq: 2,
    attempt: 1,
    state: "captured",
    captured_amount: order.total,
    refunded_amount: 0,
    currency: order.currency,
  };
  return applyPaymentEvent(open, capture, at + 5_000);
}
