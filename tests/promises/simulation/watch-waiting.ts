// In which order the messages of one order wait for a webhook, at every write of them.

import { REFUND_CAUSE } from "../../../functions/events.ts";
import type { Deliveries } from "../../../functions/notifications/webhooks/deliveries.ts";
import type { Message } from "../../../functions/notifications/webhooks/message.ts";
import type { Commits } from "./commits.ts";

/** What an order and its payment do, in the order in which it can only happen. An automatic refund may come before the order is paid. */
const CAUSES: Readonly<Record<string, number>> = {
  "order.created": 0,
  "payment.failed": 1,
  "order.paid": 2,
  "order.completed": 3,
};

/** Checks the messages that wait: none before one that must have happened earlier. */
export function watchWaiting({ notes }: Commits, { outbox }: Deliveries): void {
  const waiting = outbox.map(({ payload }) => payload);
  for (const [at, one] of waiting.entries())
    for (const later of waiting.slice(at + 1))
      if (rankOf(later) < rankOf(one) || isCauseOf(later, one))
        notes.broken("webhook", `${one.type} waits before ${later.type}`);
}

const rankOf = ({ type }: Message): number => CAUSES[type] ?? Number.NaN;

/** Every event comes after its order was made, and a refund for a cancelled order after that. */
const isCauseOf = (cause: Message, { type, data }: Message): boolean =>
  (cause.type === "order.created" && type !== "order.created") ||
  (cause.type === "order.cancelled" &&
    type === "payment.refunded" &&
    data["reason"] === REFUND_CAUSE.order_cancelled);
