// What may happen to a payment from one write to the next; the promises that every write is held to.

import { REFUND_CAUSE } from "../../../functions/events.ts";
import type { Attempt, Payment, Refund } from "../../../functions/payments/payment.ts";
import type { Commits, Written } from "./commits.ts";
import { watchTimes } from "./watch-times.ts";

/** The allowed steps, stated independently: a checker that used the rules would share their faults. */
const ATTEMPT_STEPS: Readonly<Record<Attempt["status"], string>> = {
  pending: "processing captured failed closed",
  processing: "captured failed closed",
  captured: "",
  failed: "captured",
  closed: "captured",
};
const REFUND_STEPS: Readonly<Record<Refund["status"], string>> = {
  due: "requested done rejected",
  requested: "done rejected",
  done: "",
  rejected: "",
};

/** Checks a write of a payment against the rules, and records the notifications that its parties must get. */
export function watchPayment(commits: Commits, { next, last }: Written<Payment>): void {
  if (last && next.seq < last.seq)
    commits.notes.broken("steps", `payment ${next.id} goes back to seq ${next.seq}`);
  if (last && next.attempts.length < last.attempts.length)
    commits.notes.broken("steps", `payment ${next.id} loses an attempt`);
  for (const [at, attempt] of next.attempts.entries()) {
    const known = last?.attempts[at];
    if (known) watchAttempt(commits, next, attempt, known);
  }
  watchTimes(commits, `payment ${next.id}`, next, last?.history ?? []);
  watchOrdersTime(commits, next, last);
  watchWinners(commits, next);
  for (const known of last?.refunds ?? []) watchRefund(commits, next, known);
  if (next.refunds.length !== (last?.refunds.length ?? 0)) watchSums(commits, next);
}

function watchAttempt(commits: Commits, payment: Payment, next: Attempt, last: Attempt): void {
  const name = `payment ${payment.id}: attempt ${next.no}`;
  if (last.reference !== next.reference || last.amount !== next.amount)
    commits.notes.broken("steps", `${name} becomes another`);
  if (last.transaction_id !== null && last.transaction_id !== next.transaction_id)
    commits.notes.broken("money", `${name} forgets capture ${last.transaction_id}`);
  if (last.status === next.status) return;
  if (!ATTEMPT_STEPS[last.status].split(" ").includes(next.status))
    commits.notes.broken("steps", `${name}: ${last.status} → ${next.status}`);
  if (next.status === "captured" && !isLive(last) && next.refund_required === null)
    commits.notes.broken("money", `${name}, ${last.status}, pays after all`);
  if (next.status === "failed") commits.fact(payment.user_id, "payment.failed", payment.id);
}

/** One live attempt, one capture that counts, and each transaction once. */
function watchWinners(commits: Commits, { id, attempts }: Payment): void {
  if (attempts.filter(isLive).length > 1)
    commits.notes.broken("one winner", `payment ${id} has two live attempts`);
  const accepted = attempts.filter(
    ({ status, refund_required }) => status === "captured" && refund_required === null,
  );
  if (accepted.length > 1) commits.notes.broken("money", `payment ${id} has two live captures`);
  const transactions = attempts.flatMap(({ transaction_id }) => transaction_id ?? []);
  if (new Set(transactions).size < transactions.length)
    commits.notes.broken("money", `payment ${id} counts a capture twice`);
}

function watchRefund(commits: Commits, payment: Payment, last: Refund): void {
  const next = payment.refunds.find(({ id }) => id === last.id);
  if (!next) {
    commits.notes.broken("money", `payment ${payment.id} forgets a refund`);
    return;
  }
  if (next.status === last.status) return;
  if (!REFUND_STEPS[last.status].split(" ").includes(next.status))
    commits.notes.broken("steps", `payment ${payment.id}: a refund: ${last.status} → ${next.status}`);
  if (next.status !== "done") return;
  const { user_id, seller_id } = payment;
  commits.fact(user_id, "payment.refunded", payment.id);
  if (seller_id !== null && seller_id !== user_id) commits.fact(seller_id, "payment.refunded", payment.id);
}

function watchSums(commits: Commits, { id, attempts, refunds }: Payment): void {
  for (const { no, captured_amount } of attempts) {
    const given = refunds.filter(({ attempt, status }) => attempt === no && status !== "rejected");
    if (given.reduce((sum, { amount }) => sum + amount, 0) > captured_amount)
      commits.notes.broken("money", `payment ${id} refunds more than attempt ${no} captured`);
  }
}

/** What a payment does because of its order is later than what the order did. */
function watchOrdersTime(commits: Commits, next: Payment, last: Payment | undefined): void {
  const order = commits.orders.get(next.order_id)?.at(-1)?.state;
  if (order === undefined) return;
  const fresh = next.refunds.slice(last?.refunds.length ?? 0);
  const cancelled = order.history.find(({ status }) => status === "cancelled");
  const because = fresh.some(({ reason }) => reason === REFUND_CAUSE.order_cancelled) ? cancelled : undefined;
  if (last === undefined && next.created_at <= order.created_at)
    commits.notes.broken("steps", `payment ${next.id} begins before its order`);
  if (because !== undefined && next.updated_at <= because.at)
    commits.notes.broken("steps", `payment ${next.id} is refunded before its order is cancelled`);
}

const isLive = ({ status }: Attempt): boolean => status === "pending" || status === "processing";
