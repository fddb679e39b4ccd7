// Title and content of the notification of each event, by the reader's role in the order.

import { causeOf, type EventName, type Role } from "../events.ts";

export interface Texts {
  readonly title: string;
  readonly content: string;
}

/** The variable parts; each may be empty, and the sentence is still correct. */
interface Words {
  /** `" over 299.99 CNY"`, with its space; empty when the total is not known. */
  readonly over: string;
  /** `"50.00 CNY"` of this event itself. */
  readonly amount: string;
  /** `": expired"`; empty when there is no cause. */
  readonly because: string;
}

type Template = (words: Words) => Texts;

const TEXTS: Readonly<Record<EventName, Readonly<Record<Role, Template>>>> = {
  "order.created": {
    buyer: ({ over }) => ({ title: "Order placed", content: `Your order${over} has been placed.` }),
    seller: ({ over }) => ({ title: "New order", content: `You have a new order${over}.` }),
  },
  "order.paid": {
    buyer: ({ over }) => ({ title: "Order paid", content: `Your order${over} is paid. Thank you.` }),
    seller: ({ over }) => ({ title: "Order paid", content: `An order${over} is paid. It can be sent.` }),
  },
  "order.cancelled": {
    buyer: ({ over, because }) => ({
      title: "Order cancelled",
      content: `Your order${over} was cancelled${because}.`,
    }),
    seller: ({ over, because }) => ({
      title: "Order cancelled",
      content: `An order${over} was cancelled${because}.`,
    }),
  },
  "order.completed": {
    buyer: ({ over }) => ({ title: "Order completed", content: `Your order${over} is completed.` }),
    seller: ({ over }) => ({ title: "Order completed", content: `An order${over} is completed.` }),
  },
  "payment.failed": {
    buyer: ({ over, because }) => ({
      title: "Payment failed",
      content: `A payment of your order${over} failed${because}. You may pay again.`,
    }),
    seller: ({ over, because }) => ({
      title: "Payment failed",
      content: `A payment of an order${over} failed${because}.`,
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
  const cause = causeOf(reason);
  return TEXTS[event][role]({
    over: total === undefined ? "" : ` over ${money(total)}`,
    amount: money(amount ?? total ?? "The payment"),
    because: cause === undefined ? "" : `: ${cause}`,
  });
}
