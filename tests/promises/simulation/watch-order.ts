// What may happen to an order from one write to the next; the promises that every write is held to.

import type { Order } from "../../../functions/orders/order.ts";
import type { Payment } from "../../../functions/payments/payment.ts";
import type { Commits, Written } from "./commits.ts";
import { watchTimes } from "./watch-times.ts";

/** The allowed steps, stated independently: a checker that used the rules would share their faults. */
const STEPS: Readonly<Record<Order["status"], string>> = {
  pending: "paid cancelled",
  paid: "completed refunded",
  completed: "refunded",
  cancelled: "",
  refunded: "",
};

/** Checks a write of an order against the rules, and records the notifications that its parties must get. */
export function watchOrder(commits: Commits, { next, last }: Written<Order>): void {
  const wrong = (text: string) => commits.notes.broken("steps", `order ${next.id} ${text}`);
  if (!last) {
    if (next.status !== "pending") wrong(`begins as ${next.status}`);
    mustNotify(commits, next, "order.created");
    return;
  }
  if (next.revision < last.revision) wrong(`goes back to revision ${next.revision}`);
  watchTimes(commits, `order ${next.id}`, next, last.history);
  if (next.buyer_id !== last.buyer_id || next.seller_id !== last.seller_id) wrong("changes hands");
  if ((last.payment?.seq ?? 0) > (next.payment?.seq ?? 0)) wrong("goes back to an older payment event");
  if (last.deleted_at !== null && next.deleted_at === null) wrong("comes back");
  if (next.total !== last.total) {
    if (last.status !== "pending") wrong(`changes its total while it is ${last.status}`);
    const no = payable(commits, next);
    if (no !== undefined) wrong(`changes its total while attempt ${no} is under way`);
  }
  if (next.status !== last.status) followed(commits, next, last);
}

/** One write may take several steps, such as paid and refunded; its new history entries show which. */
function followed(commits: Commits, next: Order, last: Order): void {
  let from = last.status;
  const fresh = next.revision - last.revision;
  for (const { status } of fresh > 0 ? next.history.slice(-fresh) : []) {
    if (status !== from) stepped(commits, next, from, status);
    from = status;
  }
  if (from !== next.status)
    commits.notes.broken("steps", `order ${next.id} is ${next.status}, and does not know why`);
}

function stepped(commits: Commits, next: Order, from: Order["status"], status: Order["status"]): void {
  if (!STEPS[from].split(" ").includes(status))
    commits.notes.broken("steps", `order ${next.id}: ${from} → ${status}`);
  if (status !== "pending" && status !== "refunded") mustNotify(commits, next, `order.${status}`);
  if (status === "cancelled" && next.cancel_reason === "expired") {
    const no = payable(commits, next);
    if (no !== undefined)
      commits.notes.broken("steps", `order ${next.id} expires while attempt ${no} may still be paid`);
  }
  if (status === "paid") {
    const cause = commits.payments
      .get(next.payment?.id ?? "")
      ?.find(({ state }) => state.seq === next.payment?.seq)?.state;
    if (cause !== undefined && cause.updated_at >= (next.paid_at ?? ""))
      commits.notes.broken("steps", `order ${next.id} is paid before its payment is captured`);
    const capture = paymentOf(commits, next)?.attempts.find(({ no }) => no === next.payment?.attempt);
    if (capture?.captured_amount !== next.total || capture.captured_currency !== next.currency)
      commits.notes.broken("money", `order ${next.id} is paid without its money`);
  }
}

/** Number of the attempt that its payer may still pay at this moment. */
function payable(commits: Commits, order: Order): number | undefined {
  return paymentOf(commits, order)?.attempts.find(
    ({ status, expires_at }) =>
      (status === "pending" || status === "processing") &&
      Date.parse(expires_at) > commits.notes.scheduler.now,
  )?.no;
}

const paymentOf = (commits: Commits, order: Order): Payment | undefined =>
  order.payment === null ? undefined : commits.payments.get(order.payment.id)?.at(-1)?.state;

function mustNotify(commits: Commits, { buyer_id, seller_id, id }: Order, event: string): void {
  commits.fact(buyer_id, event, id);
  if (seller_id !== null && seller_id !== buyer_id) commits.fact(seller_id, event, id);
}
