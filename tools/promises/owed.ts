// What the system still has to do for an order: as long as it has, not all can be as it should be. Pure.

import { expiryOf } from "../../functions/orders/order.ts";
import type { Payment } from "../../functions/payments/payment.ts";
import { checkDue } from "../../functions/payments/payment-checks.ts";
import { openRefunds, overdueRefunds, parkedRefunds } from "../../functions/payments/payment-refunds.ts";
import { formatAmount } from "../../lib/money/money.ts";
import type { Outbox } from "../../lib/outbox/outbox.ts";
import type { Promised } from "./promised.ts";
import type { StoredFacts } from "./stored-facts.ts";

/** One fact that is not finished. */
export interface Owed {
  /** `order.paid to the parties` */
  readonly what: string;
  /** When it came about, in epoch milliseconds. */
  readonly since: number;
  /** It is parked: a person has to decide. */
  readonly parked: boolean;
  /** The one promise that can't be kept before it is done; undefined: any of them. */
  readonly concerns?: Promised;
}

export function owedOf(facts: StoredFacts, now: number): readonly Owed[] {
  const { order, payment, charges, buyer, seller, others } = facts;
  const waiting = <P>(outbox: Outbox<P>, name: (payload: P) => string): Owed[] =>
    outbox.map(({ payload, created_at, parked_at }) => ({
      what: name(payload),
      since: Date.parse(created_at),
      parked: parked_at !== undefined,
    }));
  const overdue = (what: string, due: number | undefined): Owed[] =>
    due === undefined || due > now ? [] : [{ what, since: due, parked: false }];
  return [
    ...waiting(order?.outbox ?? [], ({ event }) => `${event} to the parties`),
    ...overdue("expiry of the order", order && expiryOf(order)),
    ...waiting(payment?.outbox ?? [], (event) =>
      event.to === "order" ? "the payment's state to its order" : `${event.event} to the parties`,
    ),
    ...(payment?.attempts ?? []).flatMap((attempt) =>
      overdue(`check of attempt ${attempt.no} at its provider`, checkDue(attempt)),
    ),
    ...(payment === undefined ? [] : refundsOwed(payment)),
    ...charges.flatMap(({ outbox }) => waiting(outbox, () => "the provider's callback")),
    ...[...buyer, ...seller, ...others].flatMap(({ outbox, event }) =>
      waiting(outbox, ({ channel }) => `${channel} of ${event}`).map((owed) => ({
        ...owed,
        concerns: "mail" as const,
      })),
    ),
  ];
}

function refundsOwed(payment: Payment): Owed[] {
  const waiting = [...parkedRefunds(payment), ...overdueRefunds(payment)];
  return [...openRefunds(payment), ...parkedRefunds(payment)].map((refund) => ({
    what: `refund of ${formatAmount(refund.amount)}`,
    since: Date.parse(refund.created_at),
    parked: waiting.includes(refund),
  }));
}
