// Orders and promises in the API of api.ts.

import type { LogLine, SpanView } from "../telemetry-contract.ts";

/** Checked over what is stored: an order is judged again when anything of it has changed, and all of them now and then. */
export interface PromisesView {
  readonly at: number;
  /** In the order of README.md. `checked`: orders, parties, acknowledged steps, orders, users who were answered, buyers with mail. */
  readonly promises: readonly {
    readonly promise: string;
    readonly checked: number;
    readonly violations: number;
  }[];
  /** The newest first; at most 100. */
  readonly violations: readonly {
    readonly promise: string;
    readonly order_id: string;
    readonly sentence: string;
    readonly since: number;
  }[];
  /** Orders for which the system still has something to do. */
  readonly unfinished: OpenFacts;
  /** Orders with something that waits for a person. */
  readonly waiting: OpenFacts;
  /** The last fault, and how long it took until all was done that had been under way at it; null: not yet. */
  readonly settled: {
    readonly fault: string;
    readonly at: number;
    readonly settled_ms: number | null;
  } | null;
  /** Orders that have changed and are still to be judged. */
  readonly pending: number;
  /** Orders that are known here. */
  readonly orders: number;
  /** When all of them were last judged one after the other; null: not yet. */
  readonly swept_at: number | null;
  /** Whether each write is seen as it happens; without it only the sweep finds changes. */
  readonly follows_writes: boolean;
  /** Why nothing can be checked now; null: it can. */
  readonly failure: string | null;
}

export interface OpenFacts {
  readonly orders: number;
  readonly oldest: { readonly order_id: string; readonly what: string; readonly since: number } | null;
}

/** As an order is found by: its status, or that it was deleted. */
export const ORDER_STATUSES = ["pending", "paid", "completed", "cancelled", "refunded", "deleted"] as const;

export interface OrderQuery {
  /** Its buyer or its seller. */
  readonly user?: string;
  /** One of {@link ORDER_STATUSES}. */
  readonly status?: string;
  /** When it was created. */
  readonly since?: string;
  readonly until?: string;
  /** 50; at most 200. */
  readonly limit?: string;
  readonly cursor?: string;
}

export interface OrderSummary {
  readonly order_id: string;
  readonly buyer: string;
  readonly seller: string | null;
  readonly status: string;
  readonly total: string;
  readonly currency: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface OrderDetail {
  readonly order: OrderSummary;
  /** Oldest first. */
  readonly timeline: readonly OrderEntry[];
  /** Of each stored item, which of its writes are in the time line: `seen` of `version`. */
  readonly items: readonly {
    readonly item: string;
    readonly item_id: string;
    readonly version: number;
    readonly seen: number;
  }[];
  readonly violations: PromisesView["violations"];
}

/** A field that a write has changed; null: there was none, or is none any more. */
export interface Change {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A write to the database. */
export interface WriteEntry {
  readonly kind: "write";
  readonly at: number;
  /** The table's short name. */
  readonly item: string;
  readonly item_id: string;
  /** Counts the writes of an item from 1. */
  readonly version: number;
  /** The write before was not seen: `changes` are all fields. */
  readonly whole: boolean;
  readonly changes: readonly Change[];
}

export type OrderEntry =
  | WriteEntry
  /** What an item itself says of a time whose writes were not seen. */
  | { readonly kind: "note"; readonly at: number; readonly item: string; readonly text: string }
  /** What a service did: requests, calls, deliveries, mails. */
  | {
      readonly kind: "span";
      readonly at: number;
      readonly what: SpanWhat;
      readonly span: SpanView;
    }
  | { readonly kind: "log"; readonly at: number; readonly line: LogLine };

export type SpanWhat =
  | "request"
  | "call"
  | "callback"
  | "delivery"
  | "retry"
  | "provider"
  | "mail"
  | "push"
  | "work";
