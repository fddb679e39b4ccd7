// What PaymentService needs of a payment provider. Adapters: sandbox/.

import type { Headers } from "../../../lib/http/scope.ts";
import type { Minor } from "../../../lib/money/money.ts";
import type { PaymentMethod } from "../payment.ts";

/** What a payer is to be charged. */
export interface Charge {
  /** Ours: unique for good, 32 lower-case letters and digits. */
  readonly reference: string;
  readonly amount: Minor;
  readonly currency: string;
  /** RFC 3339 time after which the provider must not take it any more. */
  readonly expires_at: string;
}

/** How a charge stands at the provider. `open`: the payer has not begun, or the provider has never heard of it. */
export type ChargeState =
  | { readonly state: "open" | "processing" | "failed" | "closed" }
  | {
      readonly state: "captured";
      /** The provider's own id of the capture. */
      readonly transaction_id: string;
      readonly amount: Minor;
      readonly currency: string;
    };

/** A callback whose signature holds. */
export interface Notice {
  readonly reference: string;
  readonly charge: ChargeState;
  /** Epoch milliseconds at which it was signed. */
  readonly sent_at: number;
}

export interface RefundOrder {
  /** Asking again with the same id has no second effect at the provider. */
  readonly id: string;
  readonly reference: string;
  readonly transaction_id: string;
  readonly amount: Minor;
  /** What was captured by that transaction. */
  readonly captured_amount: Minor;
  readonly currency: string;
  readonly reason: string;
}

/** `pending`: taken, ask again later. `rejected`: it will never be done. */
export type RefundAnswer = "done" | "pending" | "rejected";

/** A provider; everything may be called again with the same arguments. Throws when the provider does not answer. */
export interface Provider {
  readonly method: PaymentMethod;
  /**
   * Gives what the payer needs in order to pay. Called before the attempt is stored, so that nothing is stored that
   * can't be paid; a charge whose attempt lost a race was shown to nobody and ends at its `expires_at`.
   */
  open(charge: Charge): Promise<Readonly<Record<string, string>>>;
  query(reference: string): Promise<ChargeState>;
  /** Makes sure that the charge can't be captured any more, and says how it stands then: `captured` if it was too late. */
  close(reference: string): Promise<ChargeState>;
  refund(order: RefundOrder): Promise<RefundAnswer>;
  /**
   * Verifies and reads a callback.
   * @throws {Problem} 401 without a valid signature, 400 when what was signed can't be read.
   */
  parseCallback(headers: Headers, rawBody: string): Promise<Notice>;
}
