// Compares all payments of a window of time with what their providers and orders say.

import type { OrderStore } from "../../functions/orders/order-store.ts";
import type { Attempt, Payment, PaymentMethod, Refund } from "../../functions/payments/payment.ts";
import type { PaymentStore } from "../../functions/payments/payment-store.ts";
import type { Provider } from "../../functions/payments/providers/provider.ts";
import { type SandboxCharge, stateOf } from "../../functions/payments/providers/sandbox/charge.ts";
import { paymentIdOf } from "../../functions/payments/reference.ts";
import { describe } from "../../functions/payments/unmatched.ts";
import type { UnmatchedStore } from "../../functions/payments/unmatched-store.ts";
import type { AggregateStore } from "../../lib/storage/aggregate-store.ts";
import { idsOfWindow, type TimeWindow } from "../../lib/storage/day-index.ts";
import { type Disagreement, disagreementsOf, type Facts } from "./disagreement.ts";

export interface ReconcilePorts {
  readonly payments: PaymentStore;
  readonly orders: OrderStore;
  /** What the sandbox provider has recorded. */
  readonly charges: AggregateStore<SandboxCharge>;
  /** What providers have reported of money that no payment takes. */
  readonly unmatched: UnmatchedStore;
  readonly providers: ReadonlyMap<PaymentMethod, Provider>;
  now(): number;
  /** Waits before what disagrees is examined again: an event may have been on its way. */
  pause(ms: number): Promise<void>;
}

export interface Reconciliation {
  readonly agree: number;
  /** Changed so recently that a disagreement means nothing. */
  readonly under_way: number;
  readonly disagreements: readonly Disagreement[];
}

const AT_ONCE = 8;
const PAUSE_MS = 3_000;

/**
 * Looks at every payment that began in `window`, at every capture of the sandbox in it, and at money reported in it that no
 * payment takes. What changed within `graceMs` counts as under way; what disagrees is examined a second time before it is
 * reported.
 */
export async function reconcile(
  ports: ReconcilePorts,
  window: TimeWindow,
  graceMs: number,
): Promise<Reconciliation> {
  const ids = await collected(idsOfWindow((query) => ports.payments.listIds(query), window));
  const charges = await collected(idsOfWindow((query) => ports.charges.listIds(query), window));
  const unmatched = await unmatchedIn(ports, window);
  const first = await examineAll(ports, ids, charges, graceMs);
  if (first.disagreements.length === 0) return { ...first, disagreements: unmatched };
  await ports.pause(PAUSE_MS);
  const suspect = new Set(first.disagreements.map(({ payment_id }) => payment_id));
  const lost = new Set(first.disagreements.map(({ at_provider }) => at_provider));
  const again = await examineAll(
    ports,
    ids.filter((id) => suspect.has(id)),
    charges.filter((reference) => lost.has(reference)),
    graceMs,
  );
  return {
    agree: first.agree + again.agree,
    under_way: first.under_way + again.under_way,
    disagreements: [...again.disagreements, ...unmatched],
  };
}

async function examineAll(
  ports: ReconcilePorts,
  ids: readonly string[],
  charges: readonly string[],
  graceMs: number,
): Promise<Reconciliation> {
  const outcomes = await inTurns(ids, (id) => examine(ports, id, graceMs));
  const orphans = await inTurns(charges, (reference) => orphan(ports, reference, graceMs));
  return {
    agree: outcomes.filter((outcome) => outcome !== "under way" && outcome.length === 0).length,
    under_way: outcomes.filter((outcome) => outcome === "under way").length,
    disagreements: [
      ...outcomes.flatMap((outcome) => (outcome === "under way" ? [] : outcome)),
      ...orphans.flatMap((found) => found ?? []),
    ],
  };
}

/** Compares one payment. */
async function examine(
  ports: ReconcilePorts,
  id: string,
  graceMs: number,
): Promise<readonly Disagreement[] | "under way"> {
  const payment = await ports.payments.read(id);
  // The index lags behind nothing that was ever taken away: a payment is for good.
  if (!payment) throw new Error(`Payment ${id} is in the index, but not there`);
  if (ports.now() - Date.parse(payment.updated_at) < graceMs) return "under way";
  return disagreementsOf(payment, await factsOf(ports, payment), ports.now());
}

async function factsOf(ports: ReconcilePorts, payment: Payment): Promise<Facts> {
  const references = new Map(payment.attempts.map((attempt) => [attempt.reference, attempt]));
  const [order, charges, refunds] = await Promise.all([
    ports.orders.read(payment.order_id),
    inTurns(
      [...references.values()],
      async (attempt) => [attempt.reference, await query(ports, attempt)] as const,
    ),
    inTurns(
      payment.refunds,
      async (refund) => [refund.id, await queryRefund(ports, payment, refund)] as const,
    ),
  ]);
  return { order, charges: new Map(charges), refunds: new Map(refunds) };
}

const query = ({ providers }: ReconcilePorts, { method, reference }: Attempt) =>
  answerOr(providers.get(method)?.query(reference));

async function queryRefund({ providers }: ReconcilePorts, payment: Payment, refund: Refund) {
  const attempt = payment.attempts.find(({ no }) => no === refund.attempt);
  if (!attempt) return "silent" as const;
  return answerOr(
    providers.get(attempt.method)?.queryRefund({
      id: refund.id,
      reference: attempt.reference,
      transaction_id: attempt.transaction_id ?? "",
      amount: refund.amount,
      captured_amount: attempt.captured_amount,
      currency: attempt.captured_currency ?? payment.currency,
      reason: refund.reason,
      asked_before: true,
    }),
  );
}

async function answerOr<T>(answer: Promise<T> | undefined): Promise<T | "silent"> {
  try {
    return answer === undefined ? "silent" : await answer;
  } catch {
    return "silent";
  }
}

/** A capture of the sandbox that no payment has, although its callback was sent long ago. */
async function orphan(
  ports: ReconcilePorts,
  reference: string,
  graceMs: number,
): Promise<Disagreement | undefined> {
  const charge = await ports.charges.read(reference);
  const state = stateOf(charge);
  const decidedAt = Date.parse(charge?.decision?.decided_at ?? "");
  if (state.state !== "captured" || ports.now() - decidedAt < graceMs) return undefined;
  const id = paymentIdOf(reference);
  const payment = id === undefined ? undefined : await ports.payments.read(id);
  // What a payment knows of is compared with it, unless it began in another window: then it is there.
  if (payment?.attempts.some((attempt) => attempt.reference === reference)) return undefined;
  return {
    kind: "capture_without_payment",
    payment_id: payment?.id ?? null,
    order_id: payment?.order_id ?? null,
    at_provider: reference,
    detail: `the sandbox captured ${state.transaction_id}, and no payment has this attempt`,
  };
}

/** What was reported in `window`, matched nothing, and is not settled. */
async function unmatchedIn({ unmatched }: ReconcilePorts, window: TimeWindow): Promise<Disagreement[]> {
  const ids = await collected(idsOfWindow((query) => unmatched.listIds(query), window));
  const found = await inTurns(ids, (id) => unmatched.read(id));
  return found.flatMap((transaction) => {
    if (transaction === undefined || transaction.settled_at !== null) return [];
    const detail = `${describe(transaction)}; ${transaction.id}, see npm run outbox`;
    return [
      { kind: "unmatched", payment_id: null, order_id: null, at_provider: transaction.reference, detail },
    ];
  });
}

async function collected(ids: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const id of ids) all.push(id);
  return all;
}

/** `work` for each of `items`, some at a time; results in their order. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  }
  return results;
}
