// Which writes of the embedded database are passed on whole. Those of an order are passed on all or not at all, so that its time line is
// complete; of how many orders a second is bounded. Each write of the database passes here: it looks at the request's own attributes, and
// parses no document.

import { shortTableName } from "../../lib/storage/table-definition.ts";
import { paymentOf } from "../../tools/promises/subject.ts";
import type { Attributes } from "./orders/stored-item.ts";
import { ORDERS, Sampler } from "./sampler.ts";

const MOST_FOLLOWED = 3_000;
/** Of a provider's reference, which begins with the payment's id (functions/payments/reference.ts). */
const PAYMENT_DIGITS = 25;

/** What is passed on of a write: all of it, nothing, or what it says of an order that is not followed. */
export type PassedOn =
  | "whole"
  | "nothing"
  /** An order has changed of which that is told already. */
  | "told"
  /** An order has changed. `begins`: this is its first write. */
  | { readonly order: string; readonly begins: boolean }
  /** There is a new notification about an order, or about an order's payment. */
  | { readonly notification: string; readonly about: string };

export class FollowedOrders {
  readonly #room: Sampler;
  /** By order, what else its items are known by. */
  readonly #orders = new Map<string, readonly string[]>();
  readonly #ids = new Set<string>();
  /** The second in which there is no room but for what begins. */
  #fullIn: number | undefined;

  constructor(room = new Sampler(ORDERS)) {
    this.#room = room;
  }

  /**
   * @param table its whole name.
   * @param item as it is stored; undefined: it was removed.
   * @param told orders of which is told that they have changed.
   * @param at epoch milliseconds.
   */
  of(
    table: string,
    item: Attributes | undefined,
    told: { has(order: string): boolean },
    at: number,
  ): PassedOn {
    const kind = kindOf(table);
    if (kind === undefined) return "nothing";
    // What it was is not known, and rare.
    if (item === undefined) return "whole";
    const { isOrder, subjectOf } = kind;
    const id = subjectOf(item);
    if (id === undefined) return "nothing";
    // That is most of a load.
    if (isOrder && told.has(id)) return "told";
    if (this.#ids.has(id)) return "whole";
    const isNew = item["version"]?.["N"] === "1";
    const begins = kind === KINDS.orders && isNew;
    if (this.#hasRoom(begins, at)) {
      if (isOrder) this.#follow(id);
      return "whole";
    }
    if (isOrder) return { order: id, begins };
    const notification = kind === KINDS.notifications && isNew ? textOf(item["id"]) : undefined;
    return notification === undefined ? "nothing" : { notification, about: id };
  }

  /** Where there is not room for all, it is for orders from their first write on: for others it is asked for until there is none, in each second. */
  #hasRoom(begins: boolean, at: number): boolean {
    if (begins) return this.#room.take();
    const second = Math.floor(at / 1_000);
    if (second === this.#fullIn) return false;
    const taken = this.#room.take(ORDERS.most / 2);
    if (!taken) this.#fullIn = second;
    return taken;
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

const UUID_LENGTH = 36;
/** Where the second field of a document begins, after `{"id":"<UUID>",`. */
const SECOND_FIELD = 45;

/** A table whose items belong to orders. */
interface Kind {
  /** Its items are found by their order's id. */
  readonly isOrder: boolean;
  /** The id by which an item belongs to an order. */
  readonly subjectOf: (item: Attributes) => string | undefined;
}

/** By the last part of a table's name. */
const KINDS = {
  orders: { isOrder: true, subjectOf: (item) => textOf(item["id"]) },
  payments: { isOrder: true, subjectOf: (item) => idAfter('"order_id":"', item) },
  notifications: { isOrder: false, subjectOf: (item) => idAfter('"related_id":"', item) },
  sandbox: { isOrder: false, subjectOf: (item) => textOf(item["id"])?.slice(0, PAYMENT_DIGITS) },
} as const satisfies Record<string, Kind>;

/** Names of tables are few, and the same again and again. */
const kinds = new Map<string, Kind | undefined>();
const MOST_TABLES = 200;

function kindOf(table: string): Kind | undefined {
  const known = kinds.get(table);
  if (known !== undefined || kinds.has(table)) return known;
  const name = shortTableName(table);
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name as keyof typeof KINDS] : undefined;
  if (kinds.size < MOST_TABLES) kinds.set(table, kind);
  return kind;
}

function textOf(attribute: Attributes[string] | undefined): string | undefined {
  const text = attribute?.["S"];
  return typeof text === "string" ? text : undefined;
}

/** The UUID that follows `mark` in the item's document. */
function idAfter(mark: string, item: Attributes): string | undefined {
  const doc = textOf(item["doc"]);
  if (doc === undefined) return undefined;
  const at = doc.startsWith(mark, SECOND_FIELD) ? SECOND_FIELD : doc.indexOf(mark);
  return at < 0 ? undefined : doc.slice(at + mark.length, at + mark.length + UUID_LENGTH);
}
