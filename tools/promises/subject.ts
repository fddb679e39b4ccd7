// Of which order a stored item is, and what an order is found by. Pure; documents are as they are stored, of this version.

import { paymentIdOf } from "../../functions/payments/reference.ts";
import { derivedId } from "../../lib/core/ids.ts";

/** The id of an order's payment: as `paymentIdFor` of its service, without loading the rules. */
export const paymentOf = (orderId: string): string => derivedId("payment", orderId);

type Doc = Readonly<Record<string, unknown>>;

/** The order itself, or its payment, or one of the two: a notification does not say which. */
export type Subject =
  | { readonly order: string }
  | { readonly payment: string }
  | { readonly either: string }
  | undefined;

/** What the item `id` of `table` is about. */
export function subjectOf(table: string, id: string, doc: Doc): Subject {
  if (table === "orders") return { order: id };
  if (table === "payments") return textOf(doc, "order_id", (order) => ({ order }));
  if (table === "notifications") return textOf(doc, "related_id", (either) => ({ either }));
  const payment = table === "sandbox" ? paymentIdOf(id) : undefined;
  return payment === undefined ? undefined : { payment };
}

const textOf = <T>(doc: Doc, name: string, take: (text: string) => T): T | undefined => {
  const value = doc[name];
  return typeof value === "string" ? take(value) : undefined;
};

/** What an order is found by. */
export interface OrderRow {
  readonly order_id: string;
  readonly buyer: string;
  readonly seller: string | null;
  readonly status: string;
  readonly total: number;
  readonly currency: string;
  /** Epoch milliseconds. */
  readonly created_at: number;
  readonly updated_at: number;
}

interface OrderDoc {
  readonly id: string;
  readonly buyer_id: string;
  readonly seller_id: string | null;
  readonly status: string;
  readonly total: number;
  readonly currency: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
}

/** The row of an order, as it is stored or as the rules have it. A hidden one has the status `deleted`. */
export const orderRowOf = (order: OrderDoc): OrderRow => ({
  order_id: order.id,
  buyer: order.buyer_id,
  seller: order.seller_id,
  status: order.deleted_at === null ? order.status : "deleted",
  total: order.total,
  currency: order.currency,
  created_at: Date.parse(order.created_at),
  updated_at: Date.parse(order.updated_at),
});

/** Whether `doc`, of the table `orders`, has what a row needs. */
export const isOrderDoc = (doc: unknown): doc is OrderDoc =>
  typeof doc === "object" && doc !== null && "buyer_id" in doc && "status" in doc && "created_at" in doc;

/** Whether `doc`, of the table `notifications`, has a mail that is to be sent. */
export const awaitsMail = ({ outbox }: Doc): boolean =>
  Array.isArray(outbox) && outbox.some((event) => event?.payload?.channel === "email");

/** The refunds in `doc`, of the table `payments`, that users have asked for. */
export const requestedRefunds = ({ refunds }: Doc): readonly { id: string; amount: number }[] =>
  Array.isArray(refunds) ? refunds.filter(({ automatic }) => automatic === false) : [];
