// What the history holds of orders: what they are found by, what was written, and what was answered.

import type { Acknowledgement, PlainStep } from "../../../tools/promises/deal-record.ts";
import type { Known } from "../../../tools/promises/standing.ts";
import {
  awaitsMail,
  isOrderDoc,
  type OrderRow,
  orderRowOf,
  paymentOf,
  requestedRefunds,
  subjectOf,
} from "../../../tools/promises/subject.ts";
import type { Counts } from "../../../tools/promises/watch.ts";
import type { Page } from "../api.ts";
import type { History } from "../history.ts";
import { firstIdAt, numberOf, timeOfId } from "../history-rows.ts";
import {
  anyText,
  conditions,
  cursorAt,
  cursorOf,
  type Filters,
  numeric,
  oneOf,
  whereOf,
  whole,
} from "../sql-filter.ts";
import {
  type Change,
  ORDER_STATUSES,
  type OrderQuery,
  type OrderSummary,
  type WriteEntry,
} from "./contract.ts";

/** A write as it was seen. */
export interface SeenWrite {
  readonly at: number;
  readonly order_id: string;
  readonly item: string;
  readonly item_id: string;
  readonly version: number;
  /** What it replaced is not known: the changes are those since the item was made, or since it was seen last. */
  readonly whole: boolean;
  readonly changes: readonly Change[];
}

type Doc = Readonly<Record<string, unknown>>;

const MOST_WRITES = 2_000;
const MOST_KNOWN = 500;
const ANSWERED = "answered";
const REFUND = "refund taken";
/** Between steps of one row. */
const AND = "\n";

export class OrderRecords {
  readonly #history: History;

  constructor(history: History) {
    this.#history = history;
  }

  /** The order that an item is about; undefined where it is about none that is known here. */
  orderOfItem(table: string, id: string, doc: Doc): string | undefined {
    const subject = subjectOf(table, id, doc);
    if (subject === undefined) return undefined;
    if ("order" in subject) return subject.order;
    if ("payment" in subject) return this.orderOf(subject.payment);
    return this.isOrder(subject.either) ? subject.either : this.orderOf(subject.either);
  }

  /** Keeps what an item says that must not be lost, and what its order is found by. */
  takeItem(table: string, orderId: string, id: string, doc: Doc): void {
    if (table === "orders" && isOrderDoc(doc)) this.takeOrder(orderRowOf(doc));
    if (table === "notifications") this.takeNotice(orderId, id, awaitsMail(doc));
    if (table !== "payments") return;
    for (const refund of requestedRefunds(doc)) this.acknowledge(orderId, REFUND, refund.id, refund.amount);
  }

  /** `counted`: how much of it was checked, as text; null: as before. */
  takeOrder(row: OrderRow, counted: string | null = null): void {
    const { order_id, buyer, seller, status, total, currency, created_at, updated_at } = row;
    this.#run(
      `INSERT INTO orders VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (order_id) DO UPDATE SET id = excluded.id,
       status = excluded.status, total = excluded.total, updated_at = excluded.updated_at, counted = coalesce(excluded.counted, counted)`,
      this.#history.nextId(),
      order_id,
      paymentOf(order_id),
      buyer,
      seller,
      status,
      total,
      currency,
      created_at,
      updated_at,
      counted,
    );
  }

  takeNotice(orderId: string, notificationId: string, mailed: boolean): void {
    this.#run(
      `INSERT INTO notices VALUES (?,?,?,?) ON CONFLICT (notification_id) DO UPDATE SET mailed = max(mailed, excluded.mailed)`,
      this.#history.nextId(),
      orderId,
      notificationId,
      mailed ? 1 : 0,
    );
  }

  /** Keeps a step that was answered, once. `key` distinguishes steps of a kind. `recorded`: its request is in the history. */
  acknowledge(orderId: string, what: string, key = "", amount = 0, recorded = true): void {
    this.#run(
      "INSERT OR IGNORE INTO acknowledged VALUES (?,?,?,?,?,?)",
      this.#history.nextId(),
      orderId,
      what,
      key,
      amount,
      recorded ? 1 : 0,
    );
  }

  /** Keeps steps that were answered by requests that are not in the history: in one row, as each takes as long as ten of a row's columns. */
  acknowledgeUnrecorded(orderId: string, steps: readonly PlainStep[]): void {
    this.acknowledge(orderId, steps.join(AND), "", 0, false);
  }

  answered(orderId: string, user: string): void {
    this.acknowledge(orderId, ANSWERED, user);
  }

  takeWrite({ at, order_id, item, item_id, version, whole: all, changes }: SeenWrite): void {
    this.#run(
      "INSERT INTO writes VALUES (?,?,?,?,?,?,?,?)",
      this.#history.nextId(),
      at,
      order_id,
      item,
      item_id,
      version,
      all ? 1 : 0,
      JSON.stringify(changes),
    );
  }

  /** The order of a payment. */
  orderOf(paymentId: string): string | undefined {
    const row = this.#all("SELECT order_id FROM orders WHERE payment_id = ?", paymentId)[0];
    return row && String(row["order_id"]);
  }

  isOrder(id: string): boolean {
    return this.#all("SELECT 1 FROM orders WHERE order_id = ?", id).length > 0;
  }

  orderOfNotification(id: string): string | undefined {
    const row = this.#all("SELECT order_id FROM notices WHERE notification_id = ?", id)[0];
    return row && String(row["order_id"]);
  }

  known(orderId: string): Known {
    const notices = this.#all(`SELECT * FROM notices WHERE order_id = ? LIMIT ${MOST_KNOWN}`, orderId);
    const steps = this.#all(`SELECT * FROM acknowledged WHERE order_id = ? LIMIT ${MOST_KNOWN}`, orderId);
    const idOf = (row: (typeof notices)[number]) => String(row["notification_id"]);
    return {
      notifications: notices.map(idOf),
      mailed: notices.filter(({ mailed }) => mailed === 1).map(idOf),
      readers: steps.filter(({ what }) => what === ANSWERED).map(({ key }) => String(key)),
      acknowledged: acknowledgementsOf(steps.filter(({ what }) => what !== ANSWERED)),
    };
  }

  /** Steps that were answered by requests that are not in the history, with about when. */
  unrecorded(orderId: string): readonly { readonly at: number; readonly what: string }[] {
    const rows = this.#all("SELECT * FROM acknowledged WHERE order_id = ? ORDER BY id", orderId);
    const known = new Set(rows.filter(({ recorded }) => recorded === 1).map(({ what }) => what));
    const steps = rows.flatMap((row) => {
      const at = timeOfId(numberOf(row["id"]));
      return row["recorded"] === 1 ? [] : stepsIn(row).map((what) => ({ at, what }));
    });
    // One that was answered again is one.
    return steps.filter(
      ({ what }, index) => !known.has(what) && steps.findIndex((step) => step.what === what) === index,
    );
  }

  /** Keeps that an order was judged. `row`: what is stored of it; undefined: nothing. Returns what was counted before. */
  judged(orderId: string, row: OrderRow | undefined, counts: Counts): Counts | undefined {
    const counted = JSON.stringify(counts);
    const before = this.#all(
      "SELECT status, total, updated_at, counted FROM orders WHERE order_id = ?",
      orderId,
    )[0];
    // Each column that is set has its indexes written, whether its value has changed or not.
    if (row !== undefined && before !== undefined && isAlike(row, before))
      this.#run(
        "UPDATE orders SET id = ?, counted = ? WHERE order_id = ?",
        this.#history.nextId(),
        counted,
        orderId,
      );
    else if (row !== undefined) this.takeOrder(row, counted);
    else if (before !== undefined)
      this.#run("UPDATE orders SET counted = ? WHERE order_id = ?", counted, orderId);
    return before && countsOf(before["counted"]);
  }

  /** The sums of all that was counted. */
  totals(): Partial<Counts> {
    const sums: Record<string, number> = {};
    for (const { counted } of this.#all("SELECT counted FROM orders WHERE counted IS NOT NULL"))
      for (const [name, count] of Object.entries(countsOf(counted) ?? {}))
        sums[name] = (sums[name] ?? 0) + count;
    return sums;
  }

  size(): number {
    return numberOf(this.#all("SELECT count(*) AS n FROM orders")[0]?.["n"]);
  }

  /** Whether the order was written or judged since `time`. */
  seenSince(orderId: string, time: number): boolean {
    return (
      this.#all("SELECT 1 FROM orders WHERE order_id = ? AND id >= ?", orderId, firstIdAt(time)).length > 0
    );
  }

  /** Orders that were neither written nor judged since `time`. */
  unseenSince(time: number): readonly string[] {
    return this.#all(`SELECT order_id FROM orders WHERE id < ? LIMIT ${MOST_KNOWN}`, firstIdAt(time)).map(
      ({ order_id }) => String(order_id),
    );
  }

  find(query: Filters<OrderQuery>): Page<OrderSummary> {
    const limit = whole("limit", query.limit, 50, 200);
    const { where, values } = conditions([
      ["(created_at, order_id) < (?, ?)", cursorOf(query.cursor)],
      ["created_at < ?", numeric("until", query.until)],
      ["created_at >= ?", numeric("since", query.since)],
      ["status = ?", anyText(oneOf("status", query.status, ORDER_STATUSES))],
      ["(buyer = ? OR seller = ?)", anyText(query.user, 2)],
    ]);
    const rows = this.#all(
      `SELECT * FROM orders ${whereOf(where)} ORDER BY created_at DESC, order_id DESC LIMIT ${limit}`,
      ...values,
    );
    const items = rows.map(summaryOf);
    const last = items.length === limit ? items.at(-1) : undefined;
    return { items, next_cursor: last === undefined ? null : cursorAt(last.created_at, last.order_id) };
  }

  row(orderId: string): OrderSummary | undefined {
    return this.#all("SELECT * FROM orders WHERE order_id = ?", orderId).map(summaryOf)[0];
  }

  /** The writes of an order's items, oldest first. */
  writes(orderId: string): readonly WriteEntry[] {
    return this.#all(`SELECT * FROM writes WHERE order_id = ? ORDER BY id LIMIT ${MOST_WRITES}`, orderId).map(
      (row) => ({
        kind: "write",
        at: numberOf(row["at"]),
        item: String(row["item"]),
        item_id: String(row["item_id"]),
        version: numberOf(row["version"]),
        whole: row["whole"] === 1,
        changes: JSON.parse(String(row["changes"])),
      }),
    );
  }

  #run(sql: string, ...values: readonly (string | number | null)[]): void {
    this.#history.statement(sql).run(...values);
  }

  #all(sql: string, ...values: readonly (string | number)[]): readonly Readonly<Record<string, unknown>>[] {
    return this.#history.statement(sql).all(...values);
  }
}

const isAlike = (row: OrderRow, stored: Readonly<Record<string, unknown>>): boolean =>
  row.status === stored["status"] && row.total === stored["total"] && row.updated_at === stored["updated_at"];

type Row = Readonly<Record<string, unknown>>;

/** The steps of a row, in which there may be several; see {@link OrderRecords.acknowledgeUnrecorded}. */
const stepsIn = ({ what }: Row): readonly string[] => String(what).split(AND);

/** What rows hold, each step once. */
function acknowledgementsOf(rows: readonly Row[]): readonly Acknowledgement[] {
  const isRefund = ({ what }: Row) => what === REFUND;
  const steps = new Set(rows.filter((row) => !isRefund(row)).flatMap(stepsIn));
  return [
    ...[...steps].map((what) => ({ what: what as PlainStep })),
    ...rows
      .filter(isRefund)
      .map(({ key, amount }) => ({ what: REFUND, key: String(key), amount: numberOf(amount) }) as const),
  ];
}

const countsOf = (json: unknown): Counts | undefined =>
  typeof json === "string" ? JSON.parse(json) : undefined;

const summaryOf = (row: Readonly<Record<string, unknown>>): OrderSummary => ({
  order_id: String(row["order_id"]),
  buyer: String(row["buyer"]),
  seller: row["seller"] === null ? null : String(row["seller"]),
  status: String(row["status"]),
  total: (numberOf(row["total"]) / 100).toFixed(2),
  currency: String(row["currency"]),
  created_at: numberOf(row["created_at"]),
  updated_at: numberOf(row["updated_at"]),
});
