// What was committed, state by state: the truth that replies are held to.

import { isFeedPart } from "../../../functions/notifications/live/feed.ts";
import type { Notification } from "../../../functions/notifications/notification.ts";
import { isReader } from "../../../functions/notifications/readers.ts";
import type { Deliveries } from "../../../functions/notifications/webhooks/deliveries.ts";
import type { Order } from "../../../functions/orders/order.ts";
import { readStoredOrder } from "../../../functions/orders/stored-order.ts";
import type { Payment } from "../../../functions/payments/payment.ts";
import type { SandboxCharge } from "../../../functions/payments/providers/sandbox/charge.ts";
import { readStoredPayment } from "../../../functions/payments/stored-payment.ts";
import type { Item } from "../../../lib/storage/table.ts";
import type { Notes } from "./notes.ts";

/** A write: the state that it made, and the one before. */
export interface Written<S> {
  readonly next: S;
  readonly last: S | undefined;
}

/** A state, and the number of the commit that made it so. */
export interface Committed<S> {
  readonly at: number;
  readonly state: S;
}

export class Commits {
  /** How many writes took place. */
  count = 0;
  readonly orders = new Map<string, Committed<Order>[]>();
  readonly payments = new Map<string, Committed<Payment>[]>();
  readonly charges = new Map<string, SandboxCharge>();
  readonly notifications = new Map<string, Notification>();
  /** Messages of each order to each webhook. */
  readonly deliveries = new Map<string, Deliveries>();
  /** How many notifications each party must have in the end, by `user event related`. */
  readonly facts = new Map<string, number>();
  readonly notes: Notes;

  constructor(notes: Notes) {
    this.notes = notes;
  }

  order(item: Item, before: Item | undefined): Written<Order> {
    const next = readStoredOrder(JSON.parse(item.doc));
    this.#wrote("order", item, before, next.status);
    return { next, last: this.#keep(this.orders, item.id, next) };
  }

  payment(item: Item, before: Item | undefined): Written<Payment> {
    const next = readStoredPayment(JSON.parse(item.doc));
    this.#wrote("payment", item, before, next.attempts.map(({ status }) => status).join(" "));
    return { next, last: this.#keep(this.payments, item.id, next) };
  }

  charge(item: Item): void {
    const next: SandboxCharge = JSON.parse(item.doc);
    const last = this.charges.get(item.id);
    this.count += 1;
    this.charges.set(item.id, next);
    if (last?.decision && next.decision?.outcome !== last.decision.outcome)
      this.notes.broken("steps", `the provider decides again on ${item.id}`);
    if (last && next.refunds.length < last.refunds.length)
      this.notes.broken("steps", "the provider forgets a refund");
  }

  notification(item: Item, before: Item | undefined): void {
    if (isReader(item.id) || isFeedPart(item.id)) return;
    const next: Notification = JSON.parse(item.doc);
    const last = this.notifications.get(item.id);
    this.#wrote("notification", item, before, `${next.event} for ${next.user_id}`);
    this.notifications.set(item.id, next);
    if (last && last.deleted_at !== null && next.deleted_at === null)
      this.notes.broken("notified once", `${next.event} for ${next.user_id} was deleted and comes back`);
  }

  delivery(item: Item, before: Item | undefined): Deliveries {
    const next: Deliveries = JSON.parse(item.doc);
    const last = this.deliveries.get(item.id);
    this.#wrote("deliveries", item, before, next.outbox.map(({ payload }) => payload.type).join(" "));
    this.deliveries.set(item.id, next);
    if (last !== undefined && (last.webhook_id !== next.webhook_id || last.order_id !== next.order_id))
      this.notes.broken("steps", `deliveries ${item.id} change hands`);
    return next;
  }

  /** Something happened of which `user` must be notified, once. */
  fact(user: string, event: string, related: string): void {
    const key = `${user} ${event} ${related}`;
    this.facts.set(key, (this.facts.get(key) ?? 0) + 1);
  }

  /** The states of an aggregate that were current at some time since commit number `since`. */
  statesSince<S>(states: readonly Committed<S>[], since: number): S[] {
    const from = states.findLastIndex(({ at }) => at <= since);
    return states.slice(Math.max(from, 0)).map(({ state }) => state);
  }

  #wrote(what: string, item: Item, before: Item | undefined, how: string): void {
    this.count += 1;
    this.notes.note(() => `  ${what} ${item.id.slice(-4)} v${item.version} is written: ${how}`);
    if (item.version !== (before?.version ?? 0) + 1)
      this.notes.broken(
        "steps",
        `${what} ${item.id}: version ${item.version} replaces ${before?.version ?? 0}`,
      );
  }

  /** Keeps a state, and gives the one before. */
  #keep<S>(of: Map<string, Committed<S>[]>, id: string, state: S): S | undefined {
    const states = of.get(id);
    const last = states?.at(-1)?.state;
    if (states) states.push({ at: this.count, state });
    else of.set(id, [{ at: this.count, state }]);
    return last;
  }
}
