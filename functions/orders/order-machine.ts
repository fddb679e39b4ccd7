// The order's state machine: its statuses, and what each command does in each of them.

import { type Rules, stepsOf } from "../../lib/core/rules.ts";
import type { OrderEventName } from "../events.ts";
import { ORDER_STATUSES, type OrderStatus } from "./order-status.ts";

const SEES_IT = "the buyer or the seller";

/** Every command there is. Other steps are refused, whatever asks for them. */
export const ORDER_RULES = {
  edit: {
    by: "the buyer; items and total not while a payment is under way (`payment_in_progress`)",
    steps: { pending: "pending" },
    otherwise: { refused: "order_not_editable", done: "edited" },
  },
  cancel: {
    by: SEES_IT,
    steps: { pending: "cancelled" },
    otherwise: { refused: "order_not_cancellable", done: "cancelled" },
    event: "order.cancelled",
  },
  complete: {
    by: SEES_IT,
    steps: { paid: "completed" },
    otherwise: { refused: "order_not_completable", done: "completed" },
    event: "order.completed",
  },
  delete: {
    by: "the buyer; hides the order, and cancels one that is pending, with the event of that",
    steps: { pending: "cancelled", cancelled: "cancelled" },
    otherwise: { refused: "order_not_deletable", done: "deleted" },
  },
  expire: {
    by: "the sweep, once its time and that of an attempt to pay it are over",
    steps: { pending: "cancelled" },
    otherwise: { instead: "unchanged" },
    event: "order.cancelled",
  },
  "begin payment": {
    by: "PaymentService, for the buyer; not once its time is over",
    steps: { pending: "pending" },
    otherwise: { refused: "order_not_payable", done: "paid" },
  },
  pay: {
    by: "PaymentService: a capture of the order's amount and currency",
    steps: { pending: "paid" },
    otherwise: { instead: "verdict `refund`: the capture is given back" },
    event: "order.paid",
  },
  refund: {
    by: "PaymentService: all of the capture that paid it was given back",
    steps: { paid: "refunded", completed: "refunded" },
    otherwise: { instead: "unchanged" },
  },
} as const satisfies Rules<OrderStatus, OrderEventName>;

export type OrderCommand = keyof typeof ORDER_RULES;

/** Which status may follow which. */
export const ORDER_STEPS = stepsOf<OrderStatus>(ORDER_STATUSES, ORDER_RULES);
