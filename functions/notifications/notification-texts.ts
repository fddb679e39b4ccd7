// What people are told of each event, by their part in it.

export type Role = "buyer" | "seller";

export type NotificationEvent =
  | "order.created"
  | "order.paid"
  | "order.cancelled"
  | "order.completed"
  | "payment.failed"
  | "payment.refunded";

export interface Texts {
  readonly title: string;
  readonly content: string;
}

/** The words that vary; each reads well in a sentence when it is missing. */
interface Words {
  /** `" over 299.99 CNY"`, with its space; empty when the total is not known. */
  readonly over: string;
  /** `"50.00 CNY"` of this event itself. */
  readonly amount: string;
  /** `": expired"`; empty when there is no reason. */
  readonly because: string;
}

type Template = (words: Words) => Texts;

const TEXTS: Readonly<Record<NotificationEvent, Readonly<Record<Role, Template>>>> = {
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
      title: "Money given back",
      content: `${amount} was given back to you${because}.`,
    }),
    seller: ({ amount, because }) => ({
      title: "Money given back",
      content: `${amount} was given back to the buyer${because}.`,
    }),
  },
};

/** Title and content for `role`. `data`: `total_amount`, `currency`, and where they apply `amount` and `reason`. */
export function textsFor(
  event: NotificationEvent,
  role: Role,
  data: Readonly<Record<string, string>>,
): Texts {
  const { total_amount: total, currency, amount, reason } = data;
  const money = (value: string) => (currency === undefined ? value : `${value} ${currency}`);
  return TEXTS[event][role]({
    over: total === undefined ? "" : ` over ${money(total)}`,
    amount: money(amount ?? total ?? "The payment"),
    because: reason === undefined || reason === "" ? "" : `: ${reason.replace(/[.\s]+$/, "")}`,
  });
}
