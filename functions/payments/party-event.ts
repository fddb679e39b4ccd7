// What the parties of a payment are told.

import type { BodyInput } from "../../lib/contract/route.ts";
import { formatAmount } from "../../lib/money/money.ts";
import type { OutboxEvent } from "../../lib/outbox/outbox.ts";
import type { notifications } from "../notifications/contract.ts";
import type { Payment, PaymentOutboxEvent } from "./payment.ts";

type PartyEvent = BodyInput<typeof notifications.routes.recordEvent>;
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
    parties: partiesOf(payment, fact.payload),
  };
}

function dataOf(payment: Payment, word: PartyWord): Record<string, string> {
  if (word.event === "payment.failed") {
    const attempt = payment.attempts.find(({ no }) => no === word.attempt);
    return { amount: formatAmount(attempt?.amount ?? 0), currency: payment.currency };
  }
  const refund = payment.refunds.find(({ id }) => id === word.refund);
  const attempt = payment.attempts.find(({ no }) => no === refund?.attempt);
  return {
    amount: formatAmount(refund?.amount ?? 0),
    currency: attempt?.captured_currency ?? payment.currency,
    // What somebody wrote for the payment's record reaches nobody in this system's name.
    ...(refund?.automatic ? { reason: refund.reason } : {}),
  };
}

/** A failure concerns who pays; money given back also who sold. */
function partiesOf(payment: Payment, word: PartyWord): PartyEvent["parties"] {
  const buyer = { user_id: payment.user_id, role: "buyer" as const, email: payment.buyer_email };
  const { seller_id } = payment;
  if (word.event === "payment.failed" || seller_id === null || seller_id === payment.user_id) return [buyer];
  return [buyer, { user_id: seller_id, role: "seller" as const, email: null }];
}
