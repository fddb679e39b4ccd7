// Work that becomes due for a payment: delivery of its events to the order and the parties, refunds, checks and ends of attempts.

import type { Scope } from "../../lib/core/scope.ts";
import { formatAmount } from "../../lib/money/money.ts";
import { deliverOutbox, type Performed } from "../../lib/outbox/deliver.ts";
import { createRelay, type Relay } from "../../lib/outbox/relay.ts";
import { after, type Step } from "../../lib/storage/deferred-steps.ts";
import { type ReportStores, recordCharge } from "./charge-report.ts";
import { payments } from "./contract.ts";
import { toPartyEvent } from "./party-event.ts";
import {
  type Attempt,
  isLive,
  knowingOrder,
  type Payment,
  type PaymentMethod,
  type PaymentOutboxEvent,
  type Refund,
} from "./payment.ts";
import { applyCheck } from "./payment-attempts.ts";
import { checkDue } from "./payment-checks.ts";
import { paymentEvent } from "./payment-event.ts";
import { dueRefunds, recordRefundReply, refundOrder, requireRefund } from "./payment-refunds.ts";
import type { PaymentPorts } from "./ports.ts";
import type { ChargeState, Provider } from "./providers/provider.ts";
import { paymentRelay } from "./relays.ts";

type Ports = Pick<PaymentPorts, "orders" | "notifications" | "providers" | "now" | "delivery">;

/** A sweep goes on to its next page after so long, in milliseconds: a provider that hangs keeps nothing else waiting. */
const PATIENCE_MS = 500;

/** The relay of payments. */
export function createPaymentRelay(stores: ReportStores, ports: Ports): Relay {
  const { store } = stores;
  return createRelay<Payment>({
    name: paymentRelay.name,
    service: payments.service,
    store,
    now: ports.now,
    patienceMs: PATIENCE_MS,
    async perform(payment, _now, scope) {
      const now = ports.now();
      let orderChangedAt: string | undefined;
      const [performed, refunds, checks] = await Promise.all([
        deliverOutbox(
          payment,
          now,
          scope,
          ({ id, payload, created_at }, own) =>
            payload.to === "order"
              ? deliverToOrder(ports, payment, own, (at) => {
                  orderChangedAt = at;
                })
              : deliverToParties(ports, payment, { id, payload, created_at }, own),
          ports.delivery,
          partiesInOrder,
        ),
        Promise.all(dueRefunds(payment, now).map((refund) => executeRefund(ports, payment, refund, scope))),
        Promise.all(dueChecks(payment, now).map((attempt) => check(ports, stores, attempt, now, scope))),
      ]);
      const delivered = performed && knowing(performed, orderChangedAt);
      const others = [...refunds, ...checks];
      if (others.length === 0) return delivered;
      const steps = [...(delivered ? [delivered.record] : []), ...others];
      return { record: (current) => after(current, steps), repeatable: false };
    },
  });
}

/** Parties get a payment's events in the order in which they happened; its order knows them by their numbers. */
const partiesInOrder = ({ to }: PaymentOutboxEvent): string | undefined => (to === "order" ? undefined : to);

/** Also records when the order last changed. Who delivers again is told again, so that may wait for the next write, too. */
const knowing = (performed: Performed<Payment>, orderChangedAt: string | undefined): Performed<Payment> => ({
  ...performed,
  record: (current) => performed.record(knowingOrder(current, orderChangedAt)),
});

/** Delivers the state of the payment to its order. Returns the change that requires a refund when the capture does not pay the order. */
async function deliverToOrder(
  ports: Ports,
  payment: Payment,
  scope: Scope,
  heard: (orderChangedAt: string | undefined) => void,
): Promise<Step<Payment> | undefined> {
  const event = paymentEvent(payment);
  const answer = await ports.orders.applyPaymentEvent(
    { params: { id: payment.order_id }, body: event },
    scope,
  );
  heard(answer.changed_at);
  const { attempt } = event;
  if (answer.verdict === "accepted" || attempt === null) return undefined;
  return (current) => requireRefund(current, attempt, answer.reason, ports.now());
}

async function deliverToParties(
  ports: Ports,
  payment: Payment,
  event: Parameters<typeof toPartyEvent>[1],
  scope: Scope,
): Promise<undefined> {
  await ports.notifications.recordEvent({ body: toPartyEvent(payment, event) }, scope);
}

/** Requests one refund from the provider. */
async function executeRefund(
  ports: Ports,
  payment: Payment,
  refund: Refund,
  scope: Scope,
): Promise<Step<Payment>> {
  const { id, amount } = refund;
  const answer = await replyIfAny(scope, `refund ${id}`, async () => {
    const { method, ...order } = refundOrder(payment, refund);
    return providerOf(ports, method).refund(order);
  });
  if (answer === "rejected") {
    scope.log.error(
      { payment: payment.id, refund: id, amount: formatAmount(amount) },
      "the provider rejected a refund; it is parked, see npm run outbox",
    );
  }
  if (answer === "abnormal" && refund.abnormal !== true) {
    scope.log.error(
      { payment: payment.id, refund: id, amount: formatAmount(amount) },
      "the provider can't complete a refund without a person; see npm run outbox",
    );
  }
  return (current) => recordRefundReply(current, id, answer, ports.now());
}

const dueChecks = (payment: Payment, now: number): Attempt[] =>
  payment.attempts.filter((attempt) => (checkDue(attempt) ?? Number.POSITIVE_INFINITY) <= now);

/** Queries the provider about an attempt, and closes the attempt when its time is over and it was not captured. */
async function check(
  ports: Ports,
  stores: ReportStores,
  attempt: Attempt,
  now: number,
  scope: Scope,
): Promise<Step<Payment>> {
  const { reference, method } = attempt;
  const over = isLive(attempt) && Date.parse(attempt.expires_at) <= now;
  const answer = await replyIfAny<ChargeState>(scope, `attempt ${reference}`, async () => {
    const provider = providerOf(ports, method);
    const found = await provider.query(reference);
    return found.state === "open" && over ? provider.close(reference) : found;
  });
  if (answer?.state === "captured" || answer?.state === "unreadable") {
    // A capture is written at once, in a write of its own: it may have to be stored outside the payment.
    await recordCharge(stores, { method, reference, charge: answer }, ports.now, scope);
    if (answer.state === "captured") return (current) => current;
  }
  return (current) => applyCheck(current, reference, answer, ports.now());
}

/** The provider's reply to `work`; when there is none, logs that and returns undefined: the call is repeated later. */
async function replyIfAny<T>(scope: Scope, what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    scope.log.warn({ err: error }, `a call to the provider about ${what} failed; trying again later`);
    return undefined;
  }
}

function providerOf(ports: Ports, method: PaymentMethod): Provider {
  const provider = ports.providers.get(method);
  if (!provider) throw new Error(`The payment method ${method} is not configured`);
  return provider;
}
