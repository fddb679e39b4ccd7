// Which writes of the embedded database are passed on whole. Those of an order are passed on all or not at all, so that its time line is
// complete; of how many orders a second is bounded. Reads texts without parsing them: each write of the database passes here.

import { paymentOf } from "../../tools/promises/subject.ts";
import { ORDERS, Sampler } from "./sampler.ts";

const MOST_FOLLOWED = 3_000;
/** Of a provider's reference, which begins with the payment's id (functions/payments/reference.ts). */
const PAYMENT_DIGITS = 25;

/** What is passed on of a write: all of it, only which order has changed, or nothing. */
export type PassedOn = "whole" | { readonly order: string } | "nothing";

export class FollowedOrders {
  readonly #room: Sampler;
  /** By order, what else its items are known by. */
  readonly #orders = new Map<string, readonly string[]>();
  readonly #ids = new Set<string>();

  constructor(room = new Sampler(ORDERS)) {
    this.#room = room;
  }

  /** `table`: its whole name. `text`: of the item as it is stored; undefined: it was removed. */
  of(table: string, text: string | undefined): PassedOn {
    const kind = table.slice(table.lastIndexOf("-") + 1);
    const subject = SUBJECTS[kind];
    if (subject === undefined) return "nothing";
    // What it was is not known, and rare.
    if (text === undefined) return "whole";
    const id = subject(text);
    if (id === undefined) return "nothing";
    if (this.#ids.has(id)) return "whole";
    const isOrder = kind === "orders" || kind === "payments";
    // Where there is not room for all, it is for orders from their first write on.
    const begins = kind === "orders" && text.includes(FIRST_VERSION);
    if (this.#room.take(begins ? 0 : ORDERS.most / 2)) {
      if (isOrder) this.#follow(id);
      return "whole";
    }
    return isOrder ? { order: id } : "nothing";
  }

  #follow(order: string): void {
    const payment = paymentOf(order);
    const reference = BigInt(`0x${payment.replaceAll("-", "")}`)
      .toString(36)
      .padStart(PAYMENT_DIGITS, "0");
    const ids = [order, payment, reference];
    this.#orders.set(order, ids);
    for (const id of ids) this.#ids.add(id);
    if (this.#orders.size <= MOST_FOLLOWED) return;
    const [oldest, itsIds] = this.#orders.entries().next().value ?? ["", []];
    this.#orders.delete(oldest);
    for (const id of itsIds) this.#ids.delete(id);
  }
}

const FIRST_VERSION = '"version":{"N":"1"}';
const ID = '"id":{"S":"';
const UUID_LENGTH = 36;

/** What follows `mark`, so long. */
function after(mark: string, length: number): (text: string) => string | undefined {
  return (text) => {
    const at = text.indexOf(mark);
    return at < 0 ? undefined : text.slice(at + mark.length, at + mark.length + length);
  };
}

/** By table, the id by which an item belongs to an order. A document is a text within the item's text, so its quotes are escaped. */
const SUBJECTS: Readonly<Record<string, (text: string) => string | undefined>> = {
  orders: after(ID, UUID_LENGTH),
  payments: after('\\"order_id\\":\\"', UUID_LENGTH),
  notifications: after('\\"related_id\\":\\"', UUID_LENGTH),
  sandbox: after(ID, PAYMENT_DIGITS),
};
