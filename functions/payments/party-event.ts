// What the parties of a payment are told.

import { formatAmount } from "../../lib/money/money.ts";
import type { OutboxEvent } from "../../lib/outbox/outbox.ts";
import { causeOf, partiesOf } from "../events.ts";
import type { PartyEvent } from "../notifications/contract.ts";
import type { Payment, PaymentOutboxEvent } from "./payment.ts";

type PartyWord = Extract<PaymentOutboxEvent, { to: "parties" }>;

/** The fact that an event of the outbox stands for; `event_id` is the same however often it is told. */
export function partyEvent(
  payment: Payment,
  fact: Pick<OutboxEvent<PaymentOutboxEvent>, "id" | "created_at"> & { readonly payload: PartyWord },
): PartyEvent {
  return {
    event_id: `${payment.id}:${fact.id}`,
    event: fact.payload.event,
    occurred_at: fact.created_at,
    related_id: payment.id,
    data: { order_id: payment.order_id, ...dataOf(payment, fact.payload) },
    parties: partiesTo(payment, fact.payload),
  };
}

function dataOf(payment: Payment, word: PartyWord): Record<string, string> {
  if (word.event === "payment.failed") {
    const attempt = payment.attempts.find(({ no }) => no === word.attempt);
    return { amount: formatAmount(attempt?.amount ?? 0), currency: payment.currency };
  }
  const refund = payment.refunds.find(({ id }) => id === word.refund);
  const attempt = payment.attempts.find(({ no }) => no === refund?.attempt);
  const cause = refund?.automatic ? causeOf(refund.reason) : undefined;
  return {
    amount: formatAmount(refund?.amount ?? 0),
    currency: attempt?.captured_currency ?? payment.currency,
    ...(cause === undefined ? {} : { reason: cause }),
  };
}

/** A failure concerns who pays; money given back also who sold. */
function partiesTo(
  { user_id, buyer_email, seller_id }: Payment,
  { event }: PartyWord,
): PartyEvent["parties"] {
  return partiesOf(user_id, buyer_email, event === "payment.failed" ? null : seller_id);
}
