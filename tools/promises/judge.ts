// The promises (promised.ts) judged from what a deal's driver was acknowledged and what the public API and the mail catcher
// show, or the database in the same terms. Pure; nothing of the system's own rules is used.

import type { Role } from "../../functions/events.ts";
import { type Minor, parseAmount } from "../../lib/money/money.ts";
import { type DealRecord, has } from "./deal-record.ts";
import type { Promised } from "./promised.ts";

/** A promise that is broken, and how, in a sentence. */
export interface Violation {
  readonly promise: Promised;
  readonly deal: string;
  readonly sentence: string;
}

export interface SeenOrder {
  readonly status: string;
  readonly total_amount: string;
  readonly payment_id: string | null;
  /** It is hidden from everybody, and kept. The public API shows no such order. */
  readonly deleted?: boolean;
  readonly history: readonly { readonly status: string; readonly note: string }[];
}

export interface SeenPayment {
  readonly status: string;
  readonly refunds: readonly {
    readonly amount: string;
    readonly automatic: boolean;
    readonly status: string;
  }[];
  readonly history: readonly { readonly status: string; readonly note: string }[];
}

export interface SeenNotification {
  readonly id: string;
  readonly event: string;
  readonly related_id: string | null;
}

/** What a deal looks like from outside. Undefined: 404. */
export interface Seen {
  readonly order: SeenOrder | undefined;
  readonly payment: SeenPayment | undefined;
  /** Ids of all the buyer's orders and payments. */
  readonly orders: readonly string[];
  readonly payments: readonly string[];
  readonly notified: {
    readonly buyer: readonly SeenNotification[];
    readonly seller: readonly SeenNotification[];
  };
  /** Statuses that a user who is not a party got when reading the order and the payment. */
  readonly stranger: { readonly order: number; readonly payment: number };
  /** Message-IDs of the mails to the buyer's address, one for each copy. */
  readonly mails: readonly string[];
}

/** Every promise that `seen` breaks. A deal whose order was never acknowledged can break none. */
export function judge(deal: DealRecord, seen: Seen): Violation[] {
  if (deal.orderId === undefined) return [];
  const found: Violation[] = [];
  const object = (promise: Promised, sentence: string) =>
    found.push({ promise, deal: deal.label, sentence: `${deal.label}: ${sentence}` });
  judgeMoney(deal, seen, (sentence) => object("money", sentence));
  judgeNotified(deal, seen, (sentence) => object("notified once", sentence));
  judgeDurable(deal, seen, (sentence) => object("durable", sentence));
  judgeWinner(deal, seen, (sentence) => object("one winner", sentence));
  judgePrivate(deal, seen, (sentence) => object("private", sentence));
  judgeMail(deal, seen, (sentence) => object("mail", sentence));
  for (const objection of deal.objections) object("one winner", objection);
  return found;
}

type Objecting = (sentence: string) => void;

const PAID = ["paid", "completed"];

/** A capture is payment or refunded, to the last cent; never neither, never both. */
function judgeMoney(deal: DealRecord, { order, payment }: Seen, object: Objecting): void {
  const captures = deal.acknowledged.filter((note) => note.what === "capture taken");
  const captured = sum(captures.map(({ amount }) => amount));
  const refunds = payment?.refunds ?? [];
  const given = sum(refunds.filter(({ status }) => status === "done").map(minor));
  const requested = sum(
    refunds.filter(({ status, automatic }) => status === "done" && !automatic).map(minor),
  );
  const kept = captured - given;
  if (captures.length > 0 && !payment) object(`${money(captured)} was captured, but there is no payment`);
  if (kept < 0) object(`${money(given)} was refunded of ${money(captured)} that was captured`);
  const paid = order !== undefined && PAID.includes(order.status);
  const status = order?.status ?? "deleted";
  if (paid) {
    const due = minor({ amount: order.total_amount }) - requested;
    if (kept !== due)
      object(`the order is ${status} and ${money(kept)} is kept, but ${money(due)} should be`);
  } else if (kept > 0) {
    object(`the order is ${status}, but ${money(kept)} of what was captured is kept`);
  }
  const shownPaid = ["succeeded", "partially_refunded"].includes(payment?.status ?? "");
  if (shownPaid !== paid)
    object(`the order is ${status}, but its payment is ${payment?.status ?? "not there"}`);
}

/** Each party was notified once of each recorded event, and of nothing else. */
function judgeNotified(deal: DealRecord, { order, payment, notified }: Seen, object: Objecting): void {
  const common = new Map<string, number>();
  const buyerOnly = new Map<string, number>();
  common.set("order.created", 1);
  for (const status of ["paid", "cancelled", "completed"]) {
    const happened = order
      ? order.history.some((entry) => entry.status === status)
      : status === "cancelled" && has(deal, "order deleted");
    if (happened) common.set(`order.${status}`, 1);
  }
  const refunds = payment?.refunds.filter(({ status }) => status === "done").length ?? 0;
  if (refunds > 0) common.set("payment.refunded", refunds);
  const failed = payment?.history.filter(({ note }) => /^attempt \d+ failed/.test(note)).length ?? 0;
  if (failed > 0) buyerOnly.set("payment.failed", failed);
  const all = new Map([...common, ...buyerOnly]);
  const owed = (role: Role, events: ReadonlyMap<string, number>) =>
    deal.erased?.includes(role) ? new Map<string, number>() : events;
  compare("the buyer", owed("buyer", all), notified.buyer, deal, object);
  if (deal.seller) compare("the seller", owed("seller", common), notified.seller, deal, object);
}

function compare(
  who: string,
  expected: ReadonlyMap<string, number>,
  notified: readonly SeenNotification[],
  { orderId, paymentId }: DealRecord,
  object: Objecting,
): void {
  const counts = new Map<string, number>();
  for (const { event, related_id } of notified) {
    if (related_id === orderId || related_id === paymentId) counts.set(event, (counts.get(event) ?? 0) + 1);
    else object(`${who} was notified of ${event} of something else (${related_id})`);
  }
  for (const event of new Set([...expected.keys(), ...counts.keys()])) {
    const [times, due] = [counts.get(event) ?? 0, expected.get(event) ?? 0];
    if (times !== due) object(`${who} was notified of ${event} ${times} times, and it happened ${due} times`);
  }
}

/** What was acknowledged is stored, and stored once. */
function judgeDurable(deal: DealRecord, { order, payment, orders, payments }: Seen, object: Objecting): void {
  const { orderId = "", paymentId } = deal;
  const deleted = has(deal, "order deleted");
  if (!order && !deleted) object(`the order ${orderId} was acknowledged, and is not there`);
  if (order && order.deleted !== true && deleted) object("the order was deleted, and is there");
  const due = deleted ? [] : [orderId];
  if (String(orders) !== String(due)) object(`the buyer has the orders [${orders}] and should have [${due}]`);
  if (paymentId !== undefined) {
    if (!payment) object(`the payment ${paymentId} was acknowledged, and is not there`);
    if (String(payments) !== paymentId)
      object(`the buyer has the payments [${payments}] and should have [${paymentId}]`);
  }
  if (has(deal, "order cancelled") && order && order.status !== "cancelled")
    object(`the order was cancelled, and is ${order.status}`);
  if (has(deal, "order completed") && order && !["completed", "refunded"].includes(order.status))
    object(`the order was completed, and is ${order.status}`);
  const ended = payment?.history.some(({ status }) => status === "cancelled") ?? false;
  if (has(deal, "payment cancelled") && !ended) object("the payment was cancelled, and knows nothing of it");
  const requested = sum(deal.acknowledged.map((note) => (note.what === "refund taken" ? note.amount : 0)));
  const kept = sum((payment?.refunds ?? []).filter(({ automatic }) => !automatic).map(minor));
  if (requested !== kept)
    object(`refunds of ${money(requested)} were acknowledged, and ${money(kept)} is on record`);
}

/** The order took one path through its statuses, one step at a time. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  pending: ["paid", "cancelled"],
  paid: ["completed", "refunded"],
  completed: ["refunded"],
  cancelled: [],
  refunded: [],
};

function judgeWinner(deal: DealRecord, { order, payment }: Seen, object: Objecting): void {
  const way = (order?.history ?? []).map(({ status }) => status);
  for (const [index, status] of way.entries()) {
    const before = way[index - 1] ?? "pending";
    if (status !== before && !NEXT[before]?.includes(status))
      object(`the order went from ${before} to ${status}`);
  }
  if (order && way.at(-1) !== order.status)
    object(`the order is ${order.status}, and its history ends with ${way.at(-1)}`);
  if (has(deal, "order cancelled") && has(deal, "order completed"))
    object("both a cancellation and a completion were acknowledged");
  const begun = deal.acknowledged.filter(({ what }) => what === "payment begun").length;
  const attempts = payment?.history.filter(({ note }) => /^attempt \d+ begun/.test(note)).length ?? 0;
  if (begun > attempts) object(`${begun} payments were acknowledged as begun, and ${attempts} were`);
}

function judgePrivate(deal: DealRecord, { stranger }: Seen, object: Objecting): void {
  if (stranger.order !== 404) object(`a stranger who read the order was answered ${stranger.order}`);
  if (deal.paymentId !== undefined && stranger.payment !== 404)
    object(`a stranger who read the payment was answered ${stranger.payment}`);
}

/** A mail for each notification, at least once; copies are known by the Message-ID that follows from the notification. */
function judgeMail(deal: DealRecord, { notified, mails }: Seen, object: Objecting): void {
  if (deal.email === undefined || deal.erased?.includes("buyer")) return;
  const due = new Set(notified.buyer.map(({ id }) => id));
  const sent = new Set(mails.map((id) => /^<?([0-9a-f-]{36})@/.exec(id)?.[1] ?? id));
  for (const id of due) if (!sent.has(id)) object(`no mail was sent of the notification ${id}`);
  for (const id of sent) if (!due.has(id)) object(`a mail with the Message-ID of no notification: ${id}`);
}

const sum = (amounts: readonly Minor[]): Minor => amounts.reduce((total, amount) => total + amount, 0);
const minor = ({ amount }: { readonly amount: string }): Minor => parseAmount(amount) ?? 0;
const money = (amount: Minor): string => (amount / 100).toFixed(2);
