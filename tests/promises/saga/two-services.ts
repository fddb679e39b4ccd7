// Orders and payments as two instances of each over shared tables, with one order; and all that can be done to it.

import { commandOrder } from "../../../functions/orders/command.ts";
import {
  cancelOrder,
  completeOrder,
  deleteOrder,
  editOrder,
  type Order,
} from "../../../functions/orders/order.ts";
import { applyPaymentEvent, verdictOn } from "../../../functions/orders/order-payment.ts";
import { grantPaymentLease } from "../../../functions/orders/payment-lease.ts";
import { createOrderService, type OrderService } from "../../../functions/orders/service.ts";
import { LIFETIME, MINUTE, NOW, newOrder } from "../../../functions/orders/test-orders.ts";
import { handle as take } from "../../../functions/payments/handlers/callback.ts";
import { handle as cancel } from "../../../functions/payments/handlers/cancel-payment.ts";
import { handle as create } from "../../../functions/payments/handlers/create-payment.ts";
import { handle as refund } from "../../../functions/payments/handlers/refund-payment.ts";
import type { Payment } from "../../../functions/payments/payment.ts";
import { paymentIdFor } from "../../../functions/payments/payment-store.ts";
import { createPaymentService, type PaymentService } from "../../../functions/payments/service.ts";
import { scope, user } from "../../../functions/payments/test-world.ts";
import { PeerRefusal } from "../../../lib/contract/client.ts";
import { DomainError } from "../../../lib/core/domain-error.ts";
import { STATUS_OF } from "../../../lib/http/problem.ts";
import type { Table } from "../../../lib/storage/table.ts";
import { memoryTable } from "../../support/memory-table.ts";
import { createBank } from "./bank.ts";

export const ORDER = newOrder();
export const PAYMENT_ID = paymentIdFor(ORDER.id);
const buyer = user(ORDER.buyer_id);
const seller = user("seller", ["sell"]);
const CHEAPER = 5_000;

type Instance = 0 | 1;

/** What can happen. Refusals by the rules count as nothing happening. */
export const HAPPENINGS = [
  "pay",
  "payer looks",
  "newest is paid",
  "oldest is paid",
  "newest is told",
  "oldest is told",
  "payment is cancelled",
  "order is cancelled",
  "order is deleted",
  "order is edited",
  "order is completed",
  "a part is given back",
  "the rest is given back",
  "payments are swept",
  "orders are swept",
  "16 minutes pass",
] as const;

export type Happening = (typeof HAPPENINGS)[number];

/** `turn` is awaited at every call of a port: there others may come in between. */
export async function twoServices(turn: (what: string) => Promise<void>) {
  const clock = { time: NOW };
  const now = () => clock.time;
  let settling = false;
  // Payments are swept at least as often as attempts end: no quarter of an hour passes during one sweep.
  let passing = Promise.resolve();
  const step = async (what: string) => (settling ? undefined : turn(what));
  const bank = createBank(now, step);
  const orderTable = turned(memoryTable(), "orders", step);
  const paymentTable = turned(memoryTable(), "payments", step);
  const hinted: Promise<void>[] = [];
  // A charge whose attempt was refused after the bank had opened it is shown to nobody.
  const payable = new Set<string>();
  const shown = () => bank.charges.filter(({ reference }) => payable.has(reference));

  function ordersOf(): OrderService {
    const service: OrderService = createOrderService({
      table: orderTable,
      notifications: { recordEvent: async ({ body }) => ({ recorded: body?.parties.length ?? 0 }) },
      cursorKey: new Uint8Array(32),
      lifetime: LIFETIME,
      now,
      hint: async () => {},
    });
    return service;
  }

  function paymentsOf(orders: OrderService): PaymentService {
    const change = async (decide: (order: Order) => Order): Promise<Order> => {
      await step("to the order");
      try {
        const done = await orders.store.change(ORDER.id, decide);
        if (!done) throw new Error("There is no order");
        await step("from the order");
        return done.state;
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        throw new PeerRefusal("OrderService", STATUS_OF[error.kind], error.code, error.message);
      }
    };
    const service: PaymentService = createPaymentService({
      table: paymentTable,
      orders: {
        async grantPaymentLease({ body }) {
          if (!body) throw new Error("No body");
          const order = await change((current) =>
            grantPaymentLease(
              current,
              { ...body, amount: undefined, fencing_seq: body.seen_seq },
              clock.time,
            ),
          );
          const { id, buyer_id, seller_id, total, currency, buyer_email } = order;
          return { order_id: id, buyer_id, seller_id, amount: total, currency, email: buyer_email };
        },
        async applyPaymentEvent({ body }) {
          if (!body) throw new Error("No body");
          const order = await change((current) => applyPaymentEvent(current, body, clock.time));
          return verdictOn(order, body);
        },
      },
      notifications: { recordEvent: async ({ body }) => ({ recorded: body?.parties.length ?? 0 }) },
      providers: new Map([["alipay", bank.provider]]),
      decide: async () => {},
      cursorKey: new Uint8Array(32),
      lifetime: 15 * MINUTE,
      debug: false,
      now,
      async hint(id) {
        hinted.push(step("hint").then(() => service.relay.relay(id)));
      },
    });
    return service;
  }

  const orders: readonly [OrderService, OrderService] = [ordersOf(), ordersOf()];
  const payments: readonly [PaymentService, PaymentService] = [paymentsOf(orders[0]), paymentsOf(orders[1])];
  settling = true;
  await orders[0].store.create(ORDER);
  await happen("pay", 0);
  settling = false;

  const command = (instance: Instance, decide: (order: Order, at: number) => Order) =>
    commandOrder(orders[instance], { id: ORDER.id, user: buyer, ifMatch: undefined, scope }, decide);

  const giveBack = (instance: Instance, body: { amount?: number; reason: string }) =>
    refund(payments[instance], {
      params: { id: PAYMENT_ID },
      body: { amount: body.amount, reason: body.reason },
      user: seller,
      scope,
      idempotencyKey: undefined,
    });

  const told = (instance: Instance, at: number) => {
    const charge = shown().at(at);
    if (!charge) return Promise.resolve();
    const rawBody = bank.tell(charge);
    return take(payments[instance], { params: { method: "alipay" }, headers: {}, rawBody, scope });
  };

  async function perform(what: Happening, on: Instance): Promise<unknown> {
    const newest = shown().at(-1);
    const oldest = shown()[0];
    const payment = { params: { id: PAYMENT_ID }, scope };
    switch (what) {
      case "pay": {
        const body = { order_id: ORDER.id, method: "alipay" as const, amount: undefined };
        const begun = await create(payments[on], { body, user: buyer, scope, idempotencyKey: undefined });
        return payable.add(begun.body.checkout?.["reference"] ?? "");
      }
      case "payer looks":
        return newest && bank.look(newest);
      case "newest is paid":
        return newest && bank.pay(newest);
      case "oldest is paid":
        return oldest && bank.pay(oldest);
      case "newest is told":
        return told(on, -1);
      case "oldest is told":
        return told(on, 0);
      case "payment is cancelled":
        return cancel(payments[on], { ...payment, body: { reason: undefined }, user: buyer });
      case "order is cancelled":
        return command(on, (order, at) => cancelOrder(order, "buyer", "changed my mind", at));
      case "order is deleted":
        return command(on, deleteOrder);
      case "order is edited":
        return command(on, (order, at) => editOrder(order, { total: CHEAPER, lines: [] }, at));
      case "order is completed":
        return command(on, completeOrder);
      case "a part is given back":
        return giveBack(on, { amount: 2_000, reason: "a part" });
      case "the rest is given back":
        return giveBack(on, { reason: "the rest" });
      case "payments are swept":
        return payments[on].relay.sweep();
      case "orders are swept":
        return orders[on].relay.sweep();
      case "16 minutes pass":
        passing = passing.then(async () => {
          clock.time += 16 * MINUTE;
          await payments[on].relay.sweep();
        });
        return passing;
    }
  }

  /** Lets it happen on one of the two instances. */
  async function happen(what: Happening, on: Instance): Promise<void> {
    await step(what);
    try {
      await perform(what, on);
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind === "unavailable") throw error;
    }
  }

  return {
    bank,
    happen,
    /** Until all that was hinted at is done. */
    async quiet() {
      while (hinted.length > 0) await Promise.all(hinted.splice(0));
    },
    /** Lets two hours of sweeps pass, without anything in between, and says how it all ended. */
    async settle(): Promise<{ readonly order: Order; readonly payment: Payment }> {
      settling = true;
      for (let minutes = 0; minutes <= 120; minutes += 5) {
        await payments[0].relay.sweep();
        await orders[0].relay.sweep();
        await Promise.all(hinted.splice(0));
        clock.time += 5 * MINUTE;
      }
      const order = await orders[0].store.read(ORDER.id);
      const payment = await payments[0].store.read(PAYMENT_ID);
      if (!order || !payment) throw new Error("Order or payment is gone");
      return { order, payment };
    },
  };
}

/** `table`, with a turn before and after each call. */
function turned(table: Table, name: string, step: (what: string) => Promise<void>): Table {
  async function around<T>(what: string, work: () => Promise<T>): Promise<T> {
    await step(`${name} ${what}`);
    const result = await work();
    await step(`${name} ${what} done`);
    return result;
  }
  return {
    get: (id) => around("read", () => table.get(id)),
    put: (item, replaces) => around("write", () => table.put(item, replaces)),
    query: (query) => table.query(query),
    queryIds: (query) => table.queryIds(query),
  };
}
