// An order judged by what is stored of it and by what is known to have been answered, without a client of its own. Pure.

import { COUNTED } from "./counted.ts";
import type { Acknowledgement } from "./deal-record.ts";
import { capturesOf, seenOf } from "./facts.ts";
import { judge, type Violation } from "./judge.ts";
import { type Owed, owedOf } from "./owed.ts";
import { PROMISES, type Promised } from "./promised.ts";
import { providerObjections } from "./provider.ts";
import type { StoredFacts } from "./stored-facts.ts";

/** What is known of an order besides what is stored of it now. */
export interface Known {
  /** Ids of notifications about it. */
  readonly notifications: readonly string[];
  /** Steps that were answered with 2xx, and refunds that were stored. */
  readonly acknowledged: readonly Acknowledgement[];
  /** Users who were answered when they read or changed it. */
  readonly readers: readonly string[];
  /** Ids of notifications that had a mail to be sent. */
  readonly mailed: readonly string[];
}

export interface Standing {
  readonly violations: readonly Violation[];
  /** What may still put right what `excused` objects to. */
  readonly owed: readonly Owed[];
  readonly counted: Readonly<Record<Promised, number>>;
}

/** Entries that orders and payments keep of their history: of a longer one nobody can say how often something happened. */
const HISTORY_KEPT = 50;

/** Notifications end after some days, one at the least: of an older order they need not be there any more. */
const NOTIFIED_MS = 24 * 3_600_000;

export function standingOf(orderId: string, facts: StoredFacts, known: Known, now: number): Standing {
  const { order, payment } = facts;
  const present = refundsOf(facts);
  const lost = known.acknowledged.filter(
    (note) => note.what === "refund taken" && !present.some(({ key }) => key === note.key),
  );
  const steps = known.acknowledged.filter(({ what }) => what !== "refund taken");
  const deleted: Acknowledgement[] = order?.deleted_at == null ? [] : [{ what: "order deleted" }];
  const mailed = facts.buyer.filter(({ id }) => known.mailed.includes(id));
  const deal = {
    label: orderId,
    orderId,
    // What is stored is there, also when whoever was answered that it begins was killed before that could be known here.
    paymentId: payment?.id ?? (steps.some(({ what }) => what === "payment begun") ? orderId : undefined),
    seller: order?.seller_id == null ? undefined : {},
    email: mailed.length > 0 ? "known" : undefined,
    acknowledged: [...steps, ...deleted, ...present, ...lost, ...capturesOf(facts), ...otherCaptures(facts)],
    objections: [],
  };
  const strangers = known.readers.filter((user) => user !== order?.buyer_id && user !== order?.seller_id);
  const stranger = { order: strangers.length > 0 ? 200 : 404, payment: 404 };
  const seen = seenOf(facts, stranger);
  // A mail that nobody was ever to be sent is not missing.
  const due = facts.buyer.map(({ id }) => id).filter((id) => !known.mailed.includes(id));
  const given = facts.buyer.filter(({ channels }) => channels.email === "unreachable").map(({ id }) => id);
  const mails = [...new Set([...seen.mails, ...due, ...given])];
  const object = (promise: Promised, what: string): Violation => ({
    promise,
    deal: orderId,
    sentence: `${orderId}: ${what}`,
  });
  const cut = [order, payment].some((one) => (one?.history.length ?? 0) >= HISTORY_KEPT);
  const old = now - Date.parse(order?.updated_at ?? payment?.updated_at ?? "") > NOTIFIED_MS;
  const owed = owedOf(facts, now);
  return {
    violations: [
      ...judge(deal, { ...seen, mails }),
      ...providerObjections(facts).map((what) => object("money", what)),
      ...facts.others.map(({ event }) =>
        object("private", `somebody who is no party was notified of ${event}`),
      ),
    ].filter(({ promise }) => {
      if (old && (promise === "notified once" || promise === "mail")) return false;
      if (cut && (promise === "notified once" || promise === "one winner")) return false;
      return !owed.some(({ concerns }) => concerns === undefined || concerns === promise);
    }),
    owed,
    counted: countsOf({ ...deal, acknowledged: known.acknowledged, stranger: known.readers }),
  };
}

const countsOf = (record: Parameters<(typeof COUNTED)["money"]>[0]): Record<Promised, number> => {
  const counts = { money: 0, "notified once": 0, durable: 0, "one winner": 0, private: 0, mail: 0 };
  for (const promise of PROMISES) counts[promise] = COUNTED[promise](record);
  return counts;
};

/** The refunds that users asked for, as what was acknowledged to them. */
function refundsOf({ payment }: StoredFacts) {
  return (payment?.refunds ?? [])
    .filter(({ automatic }) => !automatic)
    .map(({ id, amount }) => ({ what: "refund taken" as const, key: id, amount }));
}

/** Captures of providers whose records are not here: what the payment says is taken for it. */
const otherCaptures = ({ payment }: StoredFacts): Acknowledgement[] =>
  (payment?.attempts ?? [])
    .filter(({ method, status }) => method !== "sandbox" && status === "captured")
    .map(({ transaction_id, captured_amount }) => ({
      what: "capture taken",
      transaction: transaction_id ?? "",
      amount: captured_amount,
    }));
