// The port to a payment provider. Each folder beside this file has an adapter.

import type { DomainError } from "../../../lib/core/domain-error.ts";
import type { Headers } from "../../../lib/http/request-scope.ts";
import type { Minor } from "../../../lib/money/money.ts";

/** A charge to be made. */
export interface Charge {
  /** Our reference: unique forever, 32 lower-case letters and digits. */
  readonly reference: string;
  readonly amount: Minor;
  readonly currency: string;
  /** RFC 3339 time after which the provider must not accept the payment. */
  readonly expires_at: string;
  /** The text that the payer sees at the provider. */
  readonly subject: string;
}

/** The status of a charge at the provider. `open`: the payer has not begun, or the provider does not know it. */
export type ChargeState =
  | { readonly state: "open" | "processing" | "failed" | "closed" }
  | {
      readonly state: "captured";
      /** The provider's own id of the capture. */
      readonly transaction_id: string;
      readonly amount: Minor;
      readonly currency: string;
      /** True when the provider reports that some of it was refunded. */
      readonly refunded?: boolean;
    }
  /** Money was taken, but the provider's report has not what is needed to record and refund it. */
  | { readonly state: "unreadable"; readonly reported: Reported };

/** What a provider reported about money, in its own terms; "" for what it left out. */
export interface Reported {
  readonly reference: string;
  /** The provider's id of the capture, or our id or its own of the refund. */
  readonly transaction_id: string;
  readonly amount: string;
  readonly currency: string;
}

/** A callback whose signature is valid. `text`: what was signed, without the signature, for a person who has to settle it. */
export type Notice =
  | {
      readonly about: "charge";
      readonly text: string;
      readonly reference: string;
      readonly charge: ChargeState;
      /** Epoch milliseconds at which it was signed. */
      readonly sent_at: number;
    }
  /** A refund has changed; the provider has to be queried. `reported.transaction_id` is the refund's id. */
  | {
      readonly about: "refund";
      readonly text: string;
      readonly reported: Reported;
      /** The provider's id of the refunded capture. */
      readonly capture: string;
      /** Where it names no refund: what it has refunded of the capture in all. */
      readonly inAll?: Minor;
    }
  /** It may be about money, but can't be read. `content` is what was signed, the same whenever it is sent again. */
  | {
      readonly about: "unreadable";
      readonly text: string;
      readonly reported: Reported;
      readonly content: string;
    }
  /** It does not concern payments. */
  | { readonly about: "other" };

/** A reply of the callback route; see the contract. */
export type CallbackReply = { readonly headers?: Readonly<Record<string, string>> } & (
  | { readonly status: 200; readonly body: string | { readonly status: "ok" } }
  | { readonly status: 204; readonly body: undefined }
  | {
      readonly status: 400 | 401 | 404 | 409;
      readonly body: string | { readonly code: string; readonly message: string };
    }
);

/** The replies to callbacks in a provider's format. */
export interface CallbackReplies {
  readonly taken: CallbackReply;
  /** The refusal in the provider's format; undefined: a problem reply, as for other routes. */
  refused(problem: DomainError): CallbackReply | undefined;
}

export interface RefundOrder {
  /** A repeated request with the same id has no second effect at the provider. */
  readonly id: string;
  readonly reference: string;
  readonly transaction_id: string;
  readonly amount: Minor;
  /** The amount captured by that transaction, in minor units. */
  readonly captured_amount: Minor;
  readonly currency: string;
  readonly reason: string;
  /** False for the first request. */
  readonly asked_before: boolean;
}

/**
 * `pending`: accepted, check again later. `abnormal`: accepted, but it will not be done unless a person sees to it at the provider.
 * `rejected`: it will never be done.
 */
export type RefundAnswer = "done" | "pending" | "abnormal" | "rejected";

/** The provider did not reply, or not reliably. What was requested may or may not have happened. */
export class ProviderFailure extends Error {
  readonly code = "provider_failure";
  readonly method: string;

  /** `reason` is logged, so it must not contain keys, tokens or personal data. */
  constructor(method: string, reason: string) {
    super(`${method}: ${reason}`);
    this.name = "ProviderFailure";
    this.method = method;
  }
}

/**
 * A provider. All methods may be called again with the same arguments, and throw {@link ProviderFailure} when the provider does
 * not reply.
 */
export interface Provider {
  readonly method: string;
  readonly replies: CallbackReplies;
  /**
   * Returns what the payer needs in order to pay. Called before the attempt is stored, so that no attempt is stored that can't
   * be paid. A charge whose attempt lost a race was not shown to anyone, and ends at its `expires_at`.
   * @throws {DomainError} invalid when the provider does not support the amount or currency.
   */
  open(charge: Charge): Promise<Readonly<Record<string, string>>>;
  query(reference: string): Promise<ChargeState>;
  /**
   * Closes the charge so that it can't be captured, and returns its status after that: `captured` if it was too late. A charge
   * that the provider does not know counts as closed; if it may still be paid, payment-checks.ts plans another check.
   */
  close(reference: string): Promise<ChargeState>;
  refund(order: RefundOrder): Promise<RefundAnswer>;
  /** The status of a refund; `unknown` when the provider does not know it. */
  queryRefund(order: RefundOrder): Promise<RefundAnswer | "unknown">;
  /**
   * Verifies and reads a callback. One that is signed but can't be read is `unreadable`, not an error: it may be about money.
   * @throws {DomainError} unauthenticated without a valid signature, malformed when it is for another merchant or application.
   */
  parseCallback(headers: Headers, rawBody: string): Promise<Notice>;
}
