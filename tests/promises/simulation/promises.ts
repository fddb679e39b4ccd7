// The promises (promised.ts), checked when everything has settled: against what was committed, the provider's books, and the API.

import type { Order } from "../../../functions/orders/order.ts";
import type { Payment } from "../../../functions/payments/payment.ts";
import { checkWebhooks } from "./hooked.ts";
import type { Capture } from "./provider.ts";
import { checkPushes } from "./pushed.ts";
import type { SimulatedSystem } from "./simulated-system.ts";
import { EMAILS, userNamed } from "./terms.ts";
import type { Users } from "./users.ts";

/** Money that the provider took, and what of it it refunded. */
interface Entry extends Capture {
  readonly refunded: number;
}

/** Checks what only the end shows. Returns how many captures the provider made. */
export function checkPromises(world: SimulatedSystem, users: Users): { captures: number } {
  const books = booksOf(world);
  const unexplained = new Map(books.map((entry) => [entry.transaction, entry]));
  for (const states of world.commits.payments.values()) {
    const payment = states.at(-1)?.state;
    if (!payment) continue;
    checkBooks(world, payment, books, unexplained);
    checkCount(world, users, payment);
  }
  for (const { reference, transaction } of unexplained.values())
    world.broken("money", `capture ${transaction} of ${reference} is in nobody's payment`);
  for (const states of world.commits.orders.values()) {
    const order = states.at(-1)?.state;
    if (order) checkMoney(world, order, books);
  }
  checkNotifications(world);
  checkPushes(world);
  checkWebhooks(world);
  checkOutboxes(world);
  checkOrderCounts(world, users);
  return { captures: books.length };
}

function booksOf(world: SimulatedSystem): Entry[] {
  const entries: Entry[] = [];
  for (const { reference, decision } of world.commits.charges.values()) {
    if (decision?.outcome !== "success") continue;
    const { transaction_id: transaction, amount, currency } = decision;
    entries.push({
      reference,
      transaction,
      amount,
      currency,
      refunded: refundedOf(world, reference, transaction),
    });
  }
  for (const capture of world.outside.captures)
    entries.push({ ...capture, refunded: refundedOf(world, capture.reference, capture.transaction) });
  return entries;
}

function refundedOf(world: SimulatedSystem, reference: string, transaction: string): number {
  const refunds = world.commits.charges.get(reference)?.refunds ?? [];
  return refunds
    .filter((refund) => refund.transaction_id === transaction)
    .reduce((sum, { amount }) => sum + amount, 0);
}

/** The payment's own account of each capture and refund is the provider's. */
function checkBooks(
  world: SimulatedSystem,
  payment: Payment,
  books: readonly Entry[],
  unexplained: Map<string, Entry>,
): void {
  for (const attempt of payment.attempts) {
    if (attempt.status === "pending" || attempt.status === "processing")
      world.broken("settled", `attempt ${attempt.no} of ${payment.id} is still ${attempt.status}`);
    if (attempt.transaction_id === null) continue;
    const entry = books.find(({ transaction }) => transaction === attempt.transaction_id);
    unexplained.delete(attempt.transaction_id);
    if (!entry || entry.amount !== attempt.captured_amount || entry.currency !== attempt.captured_currency)
      world.broken("money", `attempt ${attempt.no} of ${payment.id} claims money that nobody paid`);
    const done = payment.refunds
      .filter((refund) => refund.attempt === attempt.no && refund.status === "done")
      .reduce((sum, { amount }) => sum + amount, 0);
    if (entry && entry.refunded !== done)
      world.broken("money", `${attempt.transaction_id}: refunded ${entry.refunded}, accounted for ${done}`);
  }
  for (const { id, status } of payment.refunds)
    if (status !== "done") world.broken("money", `refund ${id} of ${payment.id} ends as ${status}`);
}

/** Paid with exactly one capture, or all money is back. */
function checkMoney(world: SimulatedSystem, order: Order, books: readonly Entry[]): void {
  const payment = order.payment && world.commits.payments.get(order.payment.id)?.at(-1)?.state;
  const references = new Set(payment?.attempts.map(({ reference }) => reference));
  const kept = books.filter(
    ({ reference, amount, refunded }) => references.has(reference) && refunded < amount,
  );
  const name = `order ${order.id}, ${order.status},`;
  if (order.status === "pending") world.broken("settled", `${name} never ends`);
  if (order.status !== "paid" && order.status !== "completed") {
    if (kept.length > 0) world.broken("money", `${name} keeps ${kept.map(({ transaction }) => transaction)}`);
    return;
  }
  const [capture] = kept;
  if (kept.length !== 1 || !capture) world.broken("money", `${name} keeps ${kept.length} captures`);
  else if (capture.amount !== order.total || capture.currency !== order.currency)
    world.broken("money", `${name} is paid ${capture.amount} ${capture.currency} for ${order.total}`);
}

/** No request had more than one effect. */
function checkCount(world: SimulatedSystem, users: Users, payment: Payment): void {
  const begun = payment.attempts.filter(({ key }) => !key.startsWith("again:")).length;
  const requested = payment.refunds.filter(({ automatic }) => !automatic).length;
  const most = (what: string) => users.claims.requests.get(`${what} of ${payment.id}`)?.size ?? 0;
  if (begun > most("attempts"))
    world.broken("one winner", `payment ${payment.id} has more attempts than requests`);
  if (requested > most("refunds"))
    world.broken("one winner", `payment ${payment.id} has more refunds than requests`);
}

function checkOrderCounts(world: SimulatedSystem, users: Users): void {
  const counts = new Map<string, number>();
  for (const states of world.commits.orders.values()) {
    const buyer = states[0]?.state.buyer_id ?? "";
    counts.set(buyer, (counts.get(buyer) ?? 0) + 1);
  }
  for (const [buyer, count] of counts)
    if (count > (users.claims.requests.get(`orders of ${buyer}`)?.size ?? 0))
      world.broken("one winner", `${buyer} has more orders than requests`);
}

function checkNotifications(world: SimulatedSystem): void {
  const notified = new Map<string, number>();
  for (const { user_id, event, related_id } of world.commits.notifications.values()) {
    const key = `${user_id} ${event} ${related_id}`;
    notified.set(key, (notified.get(key) ?? 0) + 1);
  }
  const { facts } = world.commits;
  for (const key of new Set([...facts.keys(), ...notified.keys()])) {
    const [happened, notifiedOf] = [facts.get(key) ?? 0, notified.get(key) ?? 0];
    if (happened !== notifiedOf)
      world.broken("notified once", `${key}: happened ${happened}, notified ${notifiedOf}`);
  }
  if (!world.mail) return;
  const mailed = new Set<string>();
  for (const { messageId, to } of world.sent) {
    const id = messageId.slice(1, messageId.indexOf("@"));
    const notification = world.commits.notifications.get(id);
    mailed.add(id);
    if (to !== EMAILS[userNamed(notification?.user_id)])
      world.broken("private", `mail ${id} for ${notification?.user_id} went to ${to}`);
  }
  for (const { id, channels } of world.commits.notifications.values())
    if (channels.email && !mailed.has(id)) world.broken("mail", `the mail of ${id} never went out`);
}

function checkOutboxes(world: SimulatedSystem): void {
  const last = [...world.commits.orders.values(), ...world.commits.payments.values()].map((states) =>
    states.at(-1),
  );
  for (const state of [...last.map((committed) => committed?.state), ...world.commits.charges.values()])
    if (state && state.outbox.length > 0)
      world.broken("settled", `an outbox still holds ${state.outbox.map((event) => event.id)}`);
}
