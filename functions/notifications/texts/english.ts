// The texts in English.

import type { Language, Parts } from "./language.ts";

const ofTotal = ({ total }: Parts): string => (total === undefined ? "" : ` of ${total}`);
const ofAmount = ({ amount }: Parts): string => (amount === undefined ? "" : ` of ${amount}`);
const sum = ({ amount }: Parts): string => amount ?? "The payment";
const because = ({ cause }: Parts): string => (cause === undefined ? "" : `: ${cause}`);

export const english: Language = {
  events: {
    "order.created": {
      buyer: (parts) => ({ title: "Order placed", content: `Your order${ofTotal(parts)} has been placed.` }),
      seller: (parts) => ({ title: "New order", content: `You have a new order${ofTotal(parts)}.` }),
    },
    "order.paid": {
      buyer: (parts) => ({ title: "Order paid", content: `Your order${ofTotal(parts)} is paid. Thank you.` }),
      seller: (parts) => ({
        title: "Order paid",
        content: `An order${ofTotal(parts)} is paid. It can be sent.`,
      }),
    },
    "order.cancelled": {
      buyer: (parts) => ({
        title: "Order cancelled",
        content: `Your order${ofTotal(parts)} was cancelled${because(parts)}.`,
      }),
      seller: (parts) => ({
        title: "Order cancelled",
        content: `An order${ofTotal(parts)} was cancelled${because(parts)}.`,
      }),
    },
    "order.completed": {
      buyer: (parts) => ({
        title: "Order completed",
        content: `Your order${ofTotal(parts)} is completed.`,
      }),
      seller: (parts) => ({ title: "Order completed", content: `An order${ofTotal(parts)} is completed.` }),
    },
    "payment.failed": {
      buyer: (parts) => ({
        title: "Payment failed",
        content: `A payment${ofAmount(parts)} for your order failed${because(parts)}. You may pay again.`,
      }),
      seller: (parts) => ({
        title: "Payment failed",
        content: `A payment${ofAmount(parts)} for an order failed${because(parts)}.`,
      }),
    },
    "payment.refunded": {
      buyer: (parts) => ({
        title: "Money refunded",
        content: `${sum(parts)} was refunded to you${because(parts)}.`,
      }),
      seller: (parts) => ({
        title: "Money refunded",
        content: `${sum(parts)} was refunded to the buyer${because(parts)}.`,
      }),
    },
  },
  causes: {
    "cancelled by the buyer": "cancelled by the buyer",
    "cancelled by the seller": "cancelled by the seller",
    deleted: "deleted",
    expired: "expired",
    "it was paid twice": "it was paid twice",
    "the order is paid already": "the order is paid already",
    "it was refused before": "it was refused before",
    "the amount is not the order's": "the amount is not the order's",
    "the currency is not the order's": "the currency is not the order's",
    "it came after the attempt was closed": "it came after the attempt was closed",
    "it came after the attempt had failed": "it came after the attempt had failed",
    "the order is paid": "the order is paid",
    "the order is completed": "the order is completed",
    "the order is cancelled": "the order is cancelled",
    "the order is refunded": "the order is refunded",
    "there is no such order": "there is no such order",
  },
  mail: {
    order: "Order",
    payment: "Payment",
    time: "Time",
    reason: {
      event: "You get this mail because you are a party of this order. You can choose which mails you get.",
      message: "You get this mail because a message was sent to your account.",
      promotion: "You get this mail because you asked for promotion by mail.",
    },
    unsubscribe: "Unsubscribe from promotion",
  },
  unsubscribing: {
    title: "Promotion by mail",
    question: "Do you want no more promotion by mail?",
    confirm: "Unsubscribe",
    done: "You will get no more promotion by mail.",
    invalid: "This link is not valid any more. You can switch promotion off in your preferences.",
  },
};
