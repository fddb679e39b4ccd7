// The order's state machine: its statuses, and what each command does in each of them.

import { type Rules, stepsOf } from "../../lib/core/rules.ts";
import type { OrderEventName } from "../events.ts";
import { ORDER_STATUSES, type OrderStatus } from "./order-status.ts";

const EITHER_PARTY = "the buyer or the seller";

/** All commands, with the steps they may take. All other steps are refused. */
export const ORDER_RULES = {
  edit: {
    by: "the buyer; not items and total during a payment attempt (`payment_in_progress`)",
    steps: { pending: "pending" },
    otherwise: { refused: "order_not_editable", done: "edited" },
  },
  cancel: {
    by: EITHER_PARTY,
    steps: { pending: "cancelled" },
    otherwise: { refused: "order_not_cancellable", done: "cancelled" },
    event: "order.cancelled",
  },
  complete: {
    by: EITHER_PARTY,
    steps: { paid: "completed" },
    otherwise: { refused: "order_not_completable", done: "completed" },
    event: "order.completed",
  },
  delete: {
    by: "the buyer; hides the order; a pending order is also cancelled, with its event",
    steps: { pending: "cancelled", cancelled: "cancelled" },
    otherwise: { refused: "order_not_deletable", done: "deleted" },
  },
  expire: {
    by: "the sweep, when the order's time and its payment lease are over",
    steps: { pending: "cancelled" },
    otherwise: { instead: "unchanged" },
    event: "order.cancelled",
  },
  "begin payment": {
    by: "PaymentService, for the buyer; not after the order's time is over",
    steps: { pending: "pending" },
    otherwise: { refused: "order_not_payable", done: "paid" },
  },
  pay: {
    by: "PaymentService: a capture of the order's amount and currency",
    steps: { pending: "paid" },
    otherwise: { instead: "verdict `refund`: the capture is refunded" },
    event: "order.paid",
  },
  refund: {
    by: "PaymentService: the capture that paid the order was refunded in full",
    steps: { paid: "refunded", completed: "refunded" },
    otherwise: { instead: "unchanged" },
  },
} as const satisfies Rules<OrderStatus, OrderEventName>;

export type OrderCommand = keyof typeof ORDER_RULES;

/** Which status may follow which. */
export const ORDER_STEPS = stepsOf<OrderStatus>(ORDER_STATUSES, ORDER_RULES);
