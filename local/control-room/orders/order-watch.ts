// The orders of the database that the runtimes use: follows what is written of them, keeps what they are found by, and has the
// promises watched. What judges them is loaded when a runtime has said where the database is.

import { messageOf } from "../../../lib/core/failure-text.ts";
import { Problem } from "../../../lib/http/problem.ts";
import type { Item } from "../../../lib/storage/table.ts";
import { shortTableName } from "../../../lib/storage/table-definition.ts";
import type { PlainStep } from "../../../tools/promises/deal-record.ts";
import { PROMISES } from "../../../tools/promises/promised.ts";
import { paymentOf } from "../../../tools/promises/subject.ts";
import type { Page } from "../api.ts";
import type { Counts } from "../counts.ts";
import type { History } from "../history.ts";
import type { OtherOrders } from "../other-orders.ts";
import type { Report } from "../report.ts";
import { isRecord, type Span } from "../spans.ts";
import type { Filters } from "../sql-filter.ts";
import { answeredIn } from "./acknowledged.ts";
import type { OrderDetail, OrderQuery, OrderSummary, PromisesView } from "./contract.ts";
import { changesBetween } from "./diff.ts";
import type { Judging } from "./judging.ts";
import { OrderRecords } from "./order-records.ts";
import { timelineOf } from "./order-timeline.ts";
import { RecentOrders } from "./recent-orders.ts";
import { type ItemChange, itemOf } from "./stored-item.ts";
import { UnfollowedOrders } from "./unfollowed-orders.ts";

export interface OrderWatchPorts {
  readonly history: History;
  readonly log: (level: "info" | "warn" | "error", message: string, fields?: object) => void;
  readonly clock: () => number;
}

/** After the first report, so that the start is over. */
const BEGINS_AFTER_MS = 1_000;

export class OrderWatch {
  readonly records: OrderRecords;
  readonly recent = new RecentOrders();
  readonly #unfollowed = new UnfollowedOrders();
  readonly #ports: OrderWatchPorts;
  #prefix: string | undefined;
  #judging: Judging | undefined;
  #begins: NodeJS.Timeout | undefined;
  #follows = false;
  #closed = false;
  /** Changes from before what judges was loaded. */
  readonly #early = new Set<string>();

  constructor(ports: OrderWatchPorts) {
    this.#ports = ports;
    this.records = new OrderRecords(ports.history);
  }

  /** A runtime has said which database it uses. The first one counts: all runtimes here share it. */
  connect({ kind, address, prefix }: Report["database"]): void {
    if (this.#begins !== undefined || prefix === undefined || address === null) return;
    this.#prefix = prefix;
    this.#follows = kind === "embedded";
    this.#begins = setTimeout(() => void this.#begin(`http://${address}`, prefix), BEGINS_AFTER_MS).unref();
  }

  /** What was stored. @throws when it can't be kept. */
  takeItems(changes: readonly ItemChange[]): void {
    if (changes.length === 0) return;
    this.#ports.history.write(changes.length, () => {
      for (const change of changes) this.#takeItem(change);
    });
  }

  /** Something was stored that is not known here. */
  missed(): void {
    this.recent.clear();
    this.#unfollowed.clear();
    this.#judging?.missed();
  }

  /** What is known of orders whose writes are not passed on. */
  takeOthers(told: OtherOrders): void {
    this.#unfollowed.take(told);
    for (const orderId of told.changed) this.#changed(orderId);
  }

  /** What requests acknowledged whose spans are not recorded. @throws when it can't be kept. */
  acknowledged(steps: Counts["acknowledged"]): void {
    if (steps.length === 0) return;
    const byOrder = new Map<string, PlainStep[]>();
    for (const { orderId, step } of steps) {
      const known = byOrder.get(orderId);
      if (known === undefined) byOrder.set(orderId, [step]);
      else if (!known.includes(step)) known.push(step);
    }
    this.#ports.history.write(byOrder.size, () => {
      for (const [orderId, its] of byOrder) this.records.acknowledgeUnrecorded(orderId, its);
    });
    for (const orderId of byOrder.keys()) this.#changed(orderId);
  }

  /** What spans say was answered. @throws when it can't be kept. */
  takeSpans(spans: readonly Span[]): void {
    const answers = spans.flatMap((span) => answeredIn(span) ?? []);
    if (answers.length === 0) return;
    this.#ports.history.write(answers.length, () => {
      for (const { orderId, step, reader } of answers) {
        if (step !== undefined) this.records.acknowledge(orderId, step);
        if (reader !== undefined) this.records.answered(orderId, reader);
      }
    });
    for (const { orderId } of answers) this.#changed(orderId);
  }

  faulted(fault: string): void {
    this.#judging?.watch.faulted(fault);
  }

  view(): PromisesView {
    const watched = this.#judging?.watch.view() ?? NOTHING;
    return {
      at: this.#ports.clock(),
      ...watched,
      pending: watched.pending + (this.#judging?.waiting ?? 0),
      orders: this.records.size(),
      swept_at: this.#judging?.sweptAt ?? null,
      follows_writes: this.#follows,
    };
  }

  find(query: Filters<OrderQuery>): Page<OrderSummary> {
    return this.records.find(query);
  }

  /** By the id of an order, of its payment, or of a notification about it. @throws {Problem} 503 where only the database knows. */
  async detail(id: string): Promise<OrderDetail | undefined> {
    const judging = this.#judging;
    const orderId = await this.#orderIdOf(id);
    const stored = await judging?.read(orderId);
    const order = this.records.row(orderId);
    if (order === undefined && judging !== undefined && stored === undefined)
      throw new Problem(503, "database_unavailable", "The database does not answer.");
    if (order === undefined) return undefined;
    const { timeline, items } = timelineOf(this.#ports.history, this.records, orderId, stored);
    const violations = judging?.watch.view().violations.filter(({ order_id }) => order_id === orderId) ?? [];
    return { order, timeline, items, violations };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#begins);
    this.#judging?.close();
  }

  async #begin(url: string, prefix: string): Promise<void> {
    try {
      const { startJudging } = await import("./judging.ts");
      if (this.#closed) return;
      const { records, recent } = this;
      const unfollowed = this.#unfollowed;
      this.#judging = startJudging({
        url,
        prefix,
        embedded: this.#follows,
        records,
        recent,
        unfollowed,
        history: this.#ports.history,
        now: this.#ports.clock,
      });
      for (const id of this.#early) this.#changed(id);
      this.#early.clear();
    } catch (error) {
      this.#ports.log("error", "the promises can't be watched", { error: messageOf(error) });
    }
  }

  #changed(orderId: string): void {
    if (this.#judging !== undefined) this.#judging.changed(orderId);
    else if (this.#early.size < MOST_EARLY) this.#early.add(orderId);
  }

  /** The order whose id that is, or which has a payment or a notification with it. */
  async #orderIdOf(id: string): Promise<string> {
    const { records } = this;
    const known = records.orderOf(id) ?? records.orderOfNotification(id);
    if (known !== undefined || records.isOrder(id)) return known ?? id;
    // Notifications about orders whose writes are not passed on are not known by their ids.
    return (await this.#judging?.orderAbout(id).catch(() => undefined)) ?? id;
  }

  #takeItem({ at, table, text }: ItemChange): void {
    const name = tableOf(table, this.#prefix);
    if (name === undefined) return;
    const item = text === undefined ? undefined : itemOf(text);
    if (item === undefined) {
      // No service removes anything of an order; which one it was is not said.
      for (const orderId of this.recent.clear()) this.#changed(orderId);
      return;
    }
    const doc: unknown = JSON.parse(item.doc);
    if (!isRecord(doc)) return;
    const orderId = this.records.orderOfItem(name, item.id, doc);
    if (orderId === undefined) return;
    this.records.takeItem(name, orderId, item.id, doc);
    const before = this.recent.take(orderId, name, item);
    // What comes this way is not among what is told of others.
    this.#unfollowed.forget(orderId, paymentOf(orderId));
    this.#record(at, orderId, name, item, doc, before);
    this.#changed(orderId);
  }

  #record(
    at: number,
    order_id: string,
    table: string,
    item: Item,
    doc: object,
    before: Item | undefined,
  ): void {
    const { id: item_id, version } = item;
    const isNext = before?.version === version - 1;
    const old: unknown = isNext ? JSON.parse(before.doc) : undefined;
    this.records.takeWrite({
      at,
      order_id,
      item: table,
      item_id,
      version,
      whole: !isNext && version !== 1,
      changes: changesBetween(old, doc),
    });
  }
}

const MOST_EARLY = 10_000;

/** The short name of a table of the runtimes' database; before one has reported, of any. */
const tableOf = (table: string, prefix: string | undefined): string | undefined => {
  const name = shortTableName(table);
  if (prefix !== undefined && table !== `${prefix}-${name}`) return undefined;
  return name in ITEM_TABLES ? name : undefined;
};

const ITEM_TABLES = { orders: 1, payments: 1, sandbox: 1, notifications: 1 };

const NOTHING = {
  promises: PROMISES.map((promise) => ({ promise, checked: 0, violations: 0 })),
  violations: [],
  unfinished: { orders: 0, oldest: null },
  waiting: { orders: 0, oldest: null },
  settled: null,
  pending: 0,
  failure: "No runtime has said yet which database it uses.",
};
