// The table against the functions: what it says happens, and nothing else can.

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { commandsOf, type Rule, targetOf } from "../../lib/core/rules.ts";
import {
  cancelOrder,
  completeOrder,
  createOrder,
  deleteOrder,
  editOrder,
  expireOrder,
  type Order,
} from "./order.ts";
import { ORDER_RULES, ORDER_STEPS, type OrderCommand } from "./order-machine.ts";
import { applyPaymentEvent, type PaymentEvent } from "./order-payment.ts";
import { ORDER_STATUSES, type OrderStatus } from "./order-status.ts";
import { grantPaymentLease } from "./payment-lease.ts";
import { LIFETIME, MINUTE, NOW, newOrder, orderAt } from "./test-orders.ts";

/** Long after the order's time, and any attempt's, is over. */
const LATE = NOW + 100 * LIFETIME;

/** The event of attempt 1, captured in full. */
const captured = (order: Order, given: Partial<PaymentEvent> = {}): PaymentEvent => ({
  payment_id: "p",
  seq: (order.payment?.seq ?? 0) + 1,
  attempt: 1,
  state: "captured",
  captured_amount: order.total,
  refunded_amount: 0,
  currency: order.currency,
  ...given,
});

/** Each command, given in the one way in which only the status can stand against it. */
const GIVE: Readonly<Record<OrderCommand, (order: Order) => Order>> = {
  edit: (order) => editOrder(order, { remark: `${order.remark}x` }, NOW),
  cancel: (order) => cancelOrder(order, "buyer", "why", NOW),
  complete: (order) => completeOrder(order, NOW),
  delete: (order) => deleteOrder(order, NOW),
  expire: (order) => expireOrder(order, LATE),
  "begin payment": (order) => {
    const attempt = { payment_id: "p", user_id: order.buyer_id, amount: undefined };
    return grantPaymentLease(order, { ...attempt, lease_until: new Date(NOW + MINUTE).toISOString() }, NOW);
  },
  pay: (order) => applyPaymentEvent(order, captured(order, { attempt: 2 }), NOW),
  refund: (order) => applyPaymentEvent(order, captured(order, { refunded_amount: order.total }), NOW),
};

/** An order with the status `status`: paid by attempt 1 if it was paid, else its capture was refused. */
function standing(status: OrderStatus): Order {
  const settled = status === "paid" || status === "completed" || status === "refunded";
  const payment = {
    id: "p",
    seq: 1,
    lease_until: null,
    attempt: settled ? 1 : null,
    refused: settled ? [] : [1],
  };
  return { ...orderAt(status), payment };
}

const cells = commandsOf(ORDER_RULES).flatMap((name) => {
  const rule: Rule<OrderStatus> = ORDER_RULES[name];
  return ORDER_STATUSES.map((status) => ({ name, rule, status }));
});

describe("the order's table", () => {
  test.each(cells)("$name, when it is $status, does what the table says", ({ name, rule, status }) => {
    const order = standing(status);
    const to = targetOf(rule, status);
    if (to !== undefined) {
      const after = GIVE[name](order);
      expect(after.status).toBe(to);
      expect(after).not.toBe(order);
      const events = after.outbox.map(({ payload }) => payload.event);
      // A pending order that is deleted is cancelled by the same step.
      const due = name === "delete" && status === "pending" ? ORDER_RULES.cancel.event : rule.event;
      expect(events).toEqual(due === undefined ? [] : [due]);
    } else if ("refused" in rule.otherwise) {
      const refusal = { name: "DomainError", kind: "conflict", code: rule.otherwise.refused };
      expect(() => GIVE[name](order)).toThrow(expect.objectContaining(refusal));
    } else {
      expect(GIVE[name](order)).toMatchObject({ status, revision: order.revision, outbox: [] });
    }
  });

  test("leads from pending through to an end, and never back", () => {
    const steps = Object.fromEntries([...ORDER_STEPS].map(([from, to]) => [from, [...to].sort()]));
    expect(steps).toEqual({
      pending: ["cancelled", "paid"],
      paid: ["completed", "refunded"],
      completed: ["refunded"],
      cancelled: [],
      refunded: [],
    });
  });

  test("holds for any commands in any order, also words of payments that come twice and late", () => {
    const command = fc.constantFrom(...commandsOf(GIVE));
    fc.assert(
      fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
        let order: Order = createOrder({ ...newOrder(), lifetime: LIFETIME }, NOW);
        for (const name of commands) {
          const before = order;
          try {
            order = GIVE[name](order);
          } catch (error) {
            expect(error).toMatchObject({ name: "DomainError" });
          }
          const changed = order.status !== before.status;
          // One event may contain both a capture and its refund.
          const ways = [...(ORDER_STEPS.get(before.status) ?? [])];
          const twice = ways.flatMap((way) => [...(ORDER_STEPS.get(way) ?? [])]);
          if (changed) expect([...ways, ...(name === "refund" ? twice : [])]).toContain(order.status);
          expect(new Set(order.outbox.map(({ id }) => id)).size).toBe(order.outbox.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
