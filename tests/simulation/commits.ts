// What was committed, state by state: the truth that replies are held to, and steps that no rule has.

import type { Notification } from "../../functions/notifications/notification.ts";
import type { Order } from "../../functions/orders/order.ts";
import type { Attempt, Payment, Refund } from "../../functions/payments/payment.ts";
import type { SandboxCharge } from "../../functions/payments/providers/sandbox/charge.ts";
import type { Item } from "../../lib/storage/table.ts";
import type { World } from "./world.ts";

/** A state, and the number of the commit that made it so. */
export interface Committed<S> {
  readonly at: number;
  readonly state: S;
}

/** The steps there are, stated here once more: a checker that asks the rules believes their faults. */
const ORDER_STEPS: Readonly<Record<Order["status"], string>> = {
  pending: "paid cancelled",
  paid: "completed refunded",
  completed: "refunded",
  cancelled: "",
  refunded: "",
};
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

export class Commits {
  /** How many writes took place. */
  count = 0;
  readonly orders = new Map<string, Committed<Order>[]>();
  readonly payments = new Map<string, Committed<Payment>[]>();
  readonly charges = new Map<string, SandboxCharge>();
  readonly notifications = new Map<string, Notification>();
  /** How many notifications each party must have in the end, by `user event related`. */
  readonly facts = new Map<string, number>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  order(item: Item, before: Item | undefined): void {
    const next: Order = JSON.parse(item.doc);
    const states = entry(this.orders, item.id);
    const last = states.at(-1)?.state;
    this.#wrote("order", item, before, next.status);
    states.push({ at: this.count, state: next });
    if (!last) {
      if (next.status !== "pending") this.#wrong(`an order begins as ${next.status}`);
      this.#tell(next, "order.created");
      return;
    }
    if (next.revision < last.revision) this.#wrong(`order ${next.id} goes back to revision ${next.revision}`);
    if (next.buyer_id !== last.buyer_id || next.seller_id !== last.seller_id)
      this.#wrong(`order ${next.id} changes hands`);
    if ((last.payment?.seq ?? 0) > (next.payment?.seq ?? 0))
      this.#wrong(`order ${next.id} goes back to an older payment event`);
    if (last.deleted_at !== null && next.deleted_at === null) this.#wrong(`order ${next.id} comes back`);
    if (next.total !== last.total) this.#moneyEdited(next, last);
    if (next.status !== last.status) this.#stepped(next, last);
  }

  payment(item: Item, before: Item | undefined): void {
    const next: Payment = JSON.parse(item.doc);
    const states = entry(this.payments, item.id);
    const last = states.at(-1)?.state;
    this.#wrote("payment", item, before, next.attempts.map((attempt) => attempt.status).join(" "));
    states.push({ at: this.count, state: next });
    this.#attempts(next, last);
    this.#refunds(next, last);
    if (last && next.seq < last.seq) this.#wrong(`payment ${next.id} goes back to seq ${next.seq}`);
  }

  charge(item: Item): void {
    const next: SandboxCharge = JSON.parse(item.doc);
    const last = this.charges.get(item.id);
    this.count += 1;
    this.charges.set(item.id, next);
    if (last?.decision && next.decision?.outcome !== last.decision.outcome)
      this.#wrong(`the provider decides again on ${item.id}`);
    if (last && next.refunds.length < last.refunds.length) this.#wrong(`the provider forgets a refund`);
  }

  notification(item: Item, before: Item | undefined): void {
    if (item.id.startsWith("watermark:")) return;
    const next: Notification = JSON.parse(item.doc);
    const last = this.notifications.get(item.id);
    this.#wrote("notification", item, before, `${next.event} for ${next.user_id}`);
    this.notifications.set(item.id, next);
    if (last && last.deleted_at !== null && next.deleted_at === null)
      this.#world.broken("2 notifications", `${next.event} for ${next.user_id} was deleted and comes back`);
  }

  /** The states of an aggregate that were current at some time since commit number `since`. */
  statesSince<S>(states: readonly Committed<S>[], since: number): S[] {
    const from = states.findLastIndex(({ at }) => at <= since);
    return states.slice(Math.max(from, 0)).map(({ state }) => state);
  }

  #wrote(what: string, item: Item, before: Item | undefined, how: string): void {
    this.count += 1;
    this.#world.note(`  ${what} ${item.id.slice(-4)} v${item.version} is written: ${how}`);
    if (item.version !== (before?.version ?? 0) + 1)
      this.#wrong(`${what} ${item.id}: version ${item.version} replaces ${before?.version ?? 0}`);
  }

  /** One write may take several steps, such as paid and refunded; its new entries in the history tell which. */
  #stepped(next: Order, last: Order): void {
    let from = last.status;
    const fresh = next.revision - last.revision;
    for (const { status } of fresh > 0 ? next.history.slice(-fresh) : []) {
      if (status !== from) this.#step(next, from, status);
      from = status;
    }
    if (from !== next.status) this.#wrong(`order ${next.id} is ${next.status}, and does not know why`);
  }

  #step(next: Order, from: Order["status"], status: Order["status"]): void {
    if (!ORDER_STEPS[from].split(" ").includes(status)) this.#wrong(`order ${next.id}: ${from} → ${status}`);
    const payment = this.#paymentOf(next);
    if (status === "cancelled") {
      this.#tell(next, "order.cancelled");
      const live = payment?.attempts.find((attempt) => isLive(attempt.status));
      if (next.cancel_reason === "expired" && live && Date.parse(live.expires_at) > this.#world.scheduler.now)
        this.#wrong(`order ${next.id} expires while attempt ${live.no} may still be paid`);
    }
    if (status === "completed") this.#tell(next, "order.completed");
    if (status === "paid") {
      this.#tell(next, "order.paid");
      const capture = payment?.attempts.find((attempt) => attempt.no === next.payment?.attempt);
      const right = capture?.captured_amount === next.total && capture.captured_currency === next.currency;
      if (!right) this.#world.broken("1 money", `order ${next.id} is paid without its money`);
    }
  }

  #moneyEdited(next: Order, last: Order): void {
    if (last.status !== "pending") this.#wrong(`a ${last.status} order's total changes`);
    const now = this.#world.scheduler.now;
    const live = this.#paymentOf(next)?.attempts.find((attempt) => isLive(attempt.status));
    if (live && Date.parse(live.expires_at) > now)
      this.#wrong(`order ${next.id}: the total changes while attempt ${live.no} is under way`);
  }

  #paymentOf(order: Order): Payment | undefined {
    return order.payment === null ? undefined : this.payments.get(order.payment.id)?.at(-1)?.state;
  }

  #attempts(next: Payment, last: Payment | undefined): void {
    const { id } = next;
    for (const [at, attempt] of next.attempts.entries()) {
      const known = last?.attempts[at];
      if (!known) continue;
      if (known.reference !== attempt.reference || known.amount !== attempt.amount)
        this.#wrong(`payment ${id}: attempt ${attempt.no} becomes another`);
      if (known.transaction_id !== null && known.transaction_id !== attempt.transaction_id)
        this.#world.broken("1 money", `payment ${id}: capture ${known.transaction_id} is forgotten`);
      if (known.status === attempt.status) continue;
      if (!ATTEMPT_STEPS[known.status].split(" ").includes(attempt.status))
        this.#wrong(`payment ${id}: attempt ${attempt.no}: ${known.status} → ${attempt.status}`);
      if (attempt.status === "captured" && !isLive(known.status) && attempt.condemned === null)
        this.#world.broken(
          "1 money",
          `payment ${id}: attempt ${attempt.no}, ${known.status}, pays after all`,
        );
      if (attempt.status === "failed") this.#fact(next.user_id, "payment.failed", id);
    }
    if (last && next.attempts.length < last.attempts.length) this.#wrong(`payment ${id} loses an attempt`);
    if (next.attempts.filter(({ status }) => isLive(status)).length > 1)
      this.#world.broken("4 one winner", `payment ${id} has two live attempts`);
    const accepted = next.attempts.filter(
      ({ status, condemned }) => status === "captured" && condemned === null,
    );
    if (accepted.length > 1) this.#world.broken("1 money", `payment ${id} has two live captures`);
    const transactions = next.attempts.flatMap(({ transaction_id }) => transaction_id ?? []);
    if (new Set(transactions).size < transactions.length)
      this.#world.broken("1 money", `payment ${id} counts a capture twice`);
  }

  #refunds(next: Payment, last: Payment | undefined): void {
    for (const known of last?.refunds ?? []) {
      const refund = next.refunds.find(({ id }) => id === known.id);
      if (!refund) {
        this.#world.broken("1 money", `payment ${next.id} forgets a refund`);
        continue;
      }
      if (refund.status === known.status) continue;
      if (!REFUND_STEPS[known.status].split(" ").includes(refund.status))
        this.#wrong(`payment ${next.id}: a refund: ${known.status} → ${refund.status}`);
      if (refund.status !== "done") continue;
      this.#fact(next.user_id, "payment.refunded", next.id);
      if (next.seller_id !== null && next.seller_id !== next.user_id)
        this.#fact(next.seller_id, "payment.refunded", next.id);
    }
    if (next.refunds.length === (last?.refunds.length ?? 0)) return;
    for (const attempt of next.attempts) {
      const given = next.refunds.filter(
        (refund) => refund.attempt === attempt.no && refund.status !== "rejected",
      );
      if (given.reduce((sum, { amount }) => sum + amount, 0) > attempt.captured_amount)
        this.#world.broken(
          "1 money",
          `payment ${next.id} gives back more than attempt ${attempt.no} captured`,
        );
    }
  }

  #tell(order: Order, event: string): void {
    this.#fact(order.buyer_id, event, order.id);
    const { seller_id } = order;
    if (seller_id !== null && seller_id !== order.buyer_id) this.#fact(seller_id, event, order.id);
  }

  #fact(user: string, event: string, related: string): void {
    const key = `${user} ${event} ${related}`;
    this.facts.set(key, (this.facts.get(key) ?? 0) + 1);
  }

  #wrong(text: string): void {
    this.#world.broken("steps", text);
  }
}

const isLive = (status: Attempt["status"]): boolean => status === "pending" || status === "processing";

function entry<S>(of: Map<string, Committed<S>[]>, id: string): Committed<S>[] {
  const known = of.get(id);
  if (known) return known;
  const made: Committed<S>[] = [];
  of.set(id, made);
  return made;
}
