// Events of a payment in the form of NotificationService's API.

import { formatAmount } from "../../lib/money/money.ts";
import type { OutboxEvent } from "../../lib/outbox/outbox.ts";
import { causeOf, partiesOf } from "../events.ts";
import type { PartyEvent } from "../notifications/peer-contract.ts";
import { attemptNo, type Payment, type PaymentOutboxEvent } from "./payment.ts";

type StoredEvent = Extract<PaymentOutboxEvent, { to: "parties" }>;

/** An outbox event in the form of NotificationService's API; `event_id` is the same in every delivery. */
export function toPartyEvent(
  payment: Payment,
  { id, payload, created_at }: Pick<OutboxEvent<StoredEvent>, "id" | "payload" | "created_at">,
): PartyEvent {
  return {
    event_id: `${payment.id}:${id}`,
    event: payload.event,
    occurred_at: created_at,
    related_id: payment.id,
    data: { order_id: payment.order_id, ...dataOf(payment, payload) },
    parties: partiesTo(payment, payload),
  };
}

function dataOf(payment: Payment, stored: StoredEvent): Record<string, string> {
  if (stored.event === "payment.failed") {
    const attempt = attemptNo(payment, stored.attempt);
    return { amount: formatAmount(attempt?.amount ?? 0), currency: payment.currency };
  }
  const refund = payment.refunds.find(({ id }) => id === stored.refund);
  const attempt = refund && attemptNo(payment, refund.attempt);
  const cause = refund?.automatic ? causeOf(refund.reason) : undefined;
  return {
    amount: formatAmount(refund?.amount ?? 0),
    currency: attempt?.captured_currency ?? payment.currency,
    ...(cause === undefined ? {} : { reason: cause }),
  };
}

/** A failed payment is sent to the payer only; a refund also to the seller. */
function partiesTo(
  { user_id, buyer_email, buyer_locale, seller_id }: Payment,
  { event }: StoredEvent,
): PartyEvent["parties"] {
  const locale = buyer_locale === undefined ? {} : { locale: buyer_locale };
  const payer = { user_id, email: buyer_email, ...locale };
  return partiesOf(payer, event === "payment.failed" ? null : seller_id);
}
