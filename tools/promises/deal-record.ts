// What a client was acknowledged of one order: the system is held to it.

import type { Role } from "../../functions/events.ts";
import type { Minor } from "../../lib/money/money.ts";

interface Plain {
  readonly what: PlainStep;
}

export type PlainStep =
  | "order created"
  | "order cancelled"
  | "order completed"
  | "order deleted"
  | "payment begun"
  | "payment cancelled";

/** A 2xx that the client got, and what it promises. */
export type Acknowledgement =
  | Plain
  /** A provider's report of a capture; `transaction` distinguishes repetitions from second captures. */
  | { readonly what: "capture taken"; readonly transaction: string; readonly amount: Minor }
  | { readonly what: "refund taken"; readonly key: string; readonly amount: Minor };

/** Everything that a judge may know of one order besides what the system shows. */
export interface DealRecord {
  /** Names it in sentences. */
  readonly label: string;
  /** The deal has no seller without one. */
  readonly seller: object | undefined;
  /** The address in the buyer's token. */
  readonly email: string | undefined;
  /** Parties that were erased since: they are known nowhere any more, and so are owed no notification. */
  readonly erased?: readonly Role[];
  readonly orderId: string | undefined;
  readonly paymentId: string | undefined;
  readonly acknowledged: readonly Acknowledgement[];
  /** What the client itself saw that must not be, in sentences. */
  readonly objections: readonly string[];
}

/** Whether `what` was acknowledged. */
export const has = ({ acknowledged }: DealRecord, what: Acknowledgement["what"]): boolean =>
  acknowledged.some((note) => note.what === what);
