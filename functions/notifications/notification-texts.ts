// Title and content of the notification of each event, by the reader's role in the order.

import { causeOf, type EventName, type Role } from "../events.ts";

export interface Texts {
  readonly title: string;
  readonly content: string;
}

/** The variable parts; each may be empty, and the sentence is still correct. */
interface Words {
  /** `" of 299.99 CNY"`, the order's total, with its space; empty when it is not known. */
  readonly ofTotal: string;
  /** `" of 50.00 CNY"`, the amount of this event itself, or else the order's total. */
  readonly ofAmount: string;
  /** `"50.00 CNY"` of this event itself. */
  readonly amount: string;
  /** `": expired"`; empty when there is no cause. */
  readonly because: string;
}

type Template = (words: Words) => Texts;

// For every event and role: which party gets an event is decided by its sender. (PaymentService sends `payment.failed` to the
// buyer only.)
const TEXTS: Readonly<Record<EventName, Readonly<Record<Role, Template>>>> = {
  "order.created": {
    buyer: ({ ofTotal }) => ({ title: "Order placed", content: `Your order${ofTotal} has been placed.` }),
    seller: ({ ofTotal }) => ({ title: "New order", content: `You have a new order${ofTotal}.` }),
  },
  "order.paid": {
    buyer: ({ ofTotal }) => ({ title: "Order paid", content: `Your order${ofTotal} is paid. Thank you.` }),
    seller: ({ ofTotal }) => ({
      title: "Order paid",
      content: `An order${ofTotal} is paid. It can be sent.`,
    }),
  },
  "order.cancelled": {
    buyer: ({ ofTotal, because }) => ({
      title: "Order cancelled",
      content: `Your order${ofTotal} was cancelled${because}.`,
    }),
    seller: ({ ofTotal, because }) => ({
      title: "Order cancelled",
      content: `An order${ofTotal} was cancelled${because}.`,
    }),
  },
  "order.completed": {
    buyer: ({ ofTotal }) => ({ title: "Order completed", content: `Your order${ofTotal} is completed.` }),
    seller: ({ ofTotal }) => ({ title: "Order completed", content: `An order${ofTotal} is completed.` }),
  },
  "payment.failed": {
    buyer: ({ ofAmount, because }) => ({
      title: "Payment failed",
      content: `A payment${ofAmount} for your order failed${because}. You may pay again.`,
    }),
    seller: ({ ofAmount, because }) => ({
      title: "Payment failed",
      content: `A payment${ofAmount} for an order failed${because}.`,
    }),
  },
  "payment.refunded": {
    buyer: ({ amount, because }) => ({
      title: "Money refunded",
      content: `${amount} was refunded to you${because}.`,
    }),
    seller: ({ amount, because }) => ({
      title: "Money refunded",
      content: `${amount} was refunded to the buyer${because}.`,
    }),
  },
};

/**
 * Title and content for `role`. `data`: `total_amount`, `currency`, and for some events `amount` and `reason`. A `reason` is
 * shown only if it is one of this system's own causes ({@link causeOf}).
 */
export function textsFor(event: EventName, role: Role, data: Readonly<Record<string, string>>): Texts {
  const { total_amount: total, currency, amount, reason } = data;
  const money = (value: string) => (currency === undefined ? value : `${value} ${currency}`);
  const sum = amount ?? total;
  const cause = causeOf(reason);
  return TEXTS[event][role]({
    ofTotal: total === undefined ? "" : ` of ${money(total)}`,
    ofAmount: sum === undefined ? "" : ` of ${money(sum)}`,
    amount: sum === undefined ? "The payment" : money(sum),
    because: cause === undefined ? "" : `: ${cause}`,
  });
}
