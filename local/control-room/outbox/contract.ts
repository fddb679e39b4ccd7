// The contract of what is parked, as api.ts is of the other panels: types and plain data.

/** GET → {@link ParkedView}. POST {@link RetryRequest} → {@link Retried}. */
export const PARKED_ROUTE = "/api/parked";

/** Something parked, which waits for a person. */
export interface ParkedItem {
  /** Short name of the table: `orders`. */
  readonly table: string;
  /** Id of the order, payment, notification or charge that holds it. */
  readonly aggregate: string;
  readonly kind: "event" | "refund" | "check" | "transaction";
  /** Unique within the aggregate. */
  readonly id: string;
  /** RFC 3339 */
  readonly since: string;
  readonly tries: number;
  readonly error: string;
}

export interface ParkedView {
  /** At most 100. */
  readonly items: readonly ParkedItem[];
  /** Whether there are more; `npm run outbox` lists all. */
  readonly more: boolean;
}

/** What is tried again, as {@link ParkedItem} names it. */
export type RetryRequest = Pick<ParkedItem, "table" | "aggregate" | "id">;

export interface Retried {
  readonly retried: number;
}
