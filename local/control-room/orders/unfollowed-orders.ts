// Orders whose writes are not passed on. Of those whose first write was told, the ids of all notifications are known here, so that they
// can be read by their keys alone: to list the notifications of their parties costs as much as all the rest.

import type { OtherOrders } from "../other-orders.ts";

const MOST_ORDERS = 20_000;
/** Each order's notifications are about the order or about its payment. */
const MOST_SUBJECTS = 2 * MOST_ORDERS;

export class UnfollowedOrders {
  readonly #begun = new Set<string>();
  /** By the id of an order or a payment. */
  readonly #notices = new Map<string, string[]>();

  take({ begun, notices }: Pick<OtherOrders, "begun" | "notices">): void {
    for (const order of begun) this.#begun.add(order);
    for (let at = 0; at + 1 < notices.length; at += 2) {
      const about = notices[at] ?? "";
      const notification = notices[at + 1] ?? "";
      const known = this.#notices.get(about);
      if (known === undefined) this.#notices.set(about, [notification]);
      else known.push(notification);
    }
    dropOldest(this.#begun, MOST_ORDERS);
    dropOldest(this.#notices, MOST_SUBJECTS);
  }

  /** The ids of all notifications about the order; undefined where there may be others. */
  notificationsOf(orderId: string, paymentId: string): readonly string[] | undefined {
    if (!this.#begun.has(orderId)) return undefined;
    return [orderId, paymentId].flatMap((about) => this.#notices.get(about) ?? []);
  }

  /** From now on there may be others. */
  forget(orderId: string, paymentId: string): void {
    this.#begun.delete(orderId);
    for (const about of [orderId, paymentId]) this.#notices.delete(about);
  }

  /** Something was written that was not told. */
  clear(): void {
    this.#begun.clear();
    this.#notices.clear();
  }
}

/** An order without its oldest notification would be judged by too few: then it is looked at again, with lists. */
function dropOldest(all: Set<string> | Map<string, unknown>, most: number): void {
  for (const id of all.keys()) {
    if (all.size <= most) return;
    all.delete(id);
  }
}
