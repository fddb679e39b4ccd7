// Steps that requests acknowledged whose spans are not recorded, until their orders are judged: a row for each report. Ids that follow from an
// Idempotency-Key are in no order, so a row that is found by one would be a page of the file of its own.

import type { PlainStep } from "../../../tools/promises/deal-record.ts";
import type { Counts } from "../counts.ts";
import type { History } from "../history.ts";
import { numberOf } from "../history-rows.ts";
import { listOf } from "../spans.ts";

interface Row {
  readonly id: number;
  /** Orders in it that are not judged. */
  left: number;
}

/** Of one order in one report. */
export interface NotedStep {
  /** As that of a row: tells about when it was. */
  readonly id: number;
  readonly orderId: string;
  readonly steps: readonly PlainStep[];
  readonly row: Row;
}

/** Of how many reports of orders; of more, the oldest are to be kept elsewhere. */
const MOST_NOTED = 20_000;

export class NotedSteps {
  readonly #history: History;
  readonly #orders = new Map<string, readonly NotedStep[]>();
  /** Rows that nobody needs any more. */
  #over: number[] = [];
  #count = 0;

  constructor(history: History) {
    this.#history = history;
    for (const { id, steps } of history.statement("SELECT * FROM noted ORDER BY id").all())
      this.take(notedIn(numberOf(id), ordersIn(String(steps))));
  }

  /** Keeps what a report says. It counts from {@link take} on, when that can't be undone any more. @throws when it can't be kept. */
  keep(acknowledged: Counts["acknowledged"]): readonly NotedStep[] {
    for (const id of this.#over) this.#history.statement("DELETE FROM noted WHERE id = ?").run(id);
    this.#over = [];
    if (acknowledged.length === 0) return [];
    const byOrder = new Map<string, PlainStep[]>();
    for (const { orderId, step } of acknowledged) {
      const known = byOrder.get(orderId);
      if (known === undefined) byOrder.set(orderId, [step]);
      else if (!known.includes(step)) known.push(step);
    }
    const id = this.#history.nextId();
    // Each has one of its own.
    for (let no = 0; no < byOrder.size; no += 1) this.#history.nextId();
    const orders = [...byOrder];
    this.#history.statement("INSERT INTO noted VALUES (?,?)").run(id, JSON.stringify(orders));
    return notedIn(id, orders);
  }

  take(noted: readonly NotedStep[]): void {
    for (const one of noted) this.#orders.set(one.orderId, [...(this.#orders.get(one.orderId) ?? []), one]);
    this.#count += noted.length;
  }

  of(orderId: string): readonly NotedStep[] {
    return this.#orders.get(orderId) ?? [];
  }

  /** Orders for which there is no room. */
  beyond(): readonly string[] {
    const orders: string[] = [];
    let left = this.#count;
    for (const [orderId, its] of this.#orders) {
      if (left <= MOST_NOTED) break;
      left -= its.length;
      orders.push(orderId);
    }
    return orders;
  }

  /** What is noted of the order is kept elsewhere now. */
  forget(orderId: string): void {
    const its = this.of(orderId);
    this.#count -= its.length;
    this.#orders.delete(orderId);
    for (const { row } of its) {
      row.left -= 1;
      if (row.left === 0) this.#over.push(row.id);
    }
  }
}

type OfOrder = readonly [orderId: string, steps: readonly PlainStep[]];

function notedIn(id: number, orders: readonly OfOrder[]): readonly NotedStep[] {
  const row = { id, left: orders.length };
  return orders.map(([orderId, steps], index) => ({ id: id + 1 + index, orderId, steps, row }));
}

const ordersIn = (json: string): readonly OfOrder[] =>
  listOf(JSON.parse(json)).map((order) => {
    const [orderId, steps] = listOf(order);
    return [String(orderId), listOf(steps) as readonly PlainStep[]];
  });
