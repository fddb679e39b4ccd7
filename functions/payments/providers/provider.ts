// What PaymentService needs of a payment provider. Adapters: sandbox/, alipay/, wechat-pay/.

import type { DomainError } from "../../../lib/core/domain-error.ts";
import type { Headers } from "../../../lib/http/request-scope.ts";
import type { Minor } from "../../../lib/money/money.ts";

/** What a payer is to be charged. */
export interface Charge {
  /** Ours: unique for good, 32 lower-case letters and digits. */
  readonly reference: string;
  readonly amount: Minor;
  readonly currency: string;
  /** RFC 3339 time after which the provider must not take it any more. */
  readonly expires_at: string;
  /** What the payer reads at the provider. */
  readonly subject: string;
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
      /** True where the provider says that something of it was given back. */
      readonly given_back?: boolean;
    }
  /** Money was taken, but what the provider says of it is not such that it can be recorded and given back. */
  | { readonly state: "unreadable"; readonly reported: Reported };

/** What a provider said of money, in its own words; "" for what it left out. */
export interface Reported {
  readonly reference: string;
  /** The provider's id of the capture, or our id or its own of the refund. */
  readonly transaction_id: string;
  readonly amount: string;
  readonly currency: string;
}

/** A callback whose signature holds. */
export type Notice =
  | {
      readonly about: "charge";
      readonly reference: string;
      readonly charge: ChargeState;
      /** Epoch milliseconds at which it was signed. */
      readonly sent_at: number;
    }
  /** A refund has changed; the provider is asked how. `reported.transaction_id` is the refund's id. */
  | {
      readonly about: "refund";
      readonly reported: Reported;
      /** The provider's id of the capture that it gives back. */
      readonly capture: string;
    }
  /** It may be about money, but can't be read. `content` is what was signed, the same whenever it is sent again. */
  | { readonly about: "unreadable"; readonly reported: Reported; readonly content: string }
  /** Nothing that payments are concerned with. */
  | { readonly about: "other" };

/** A reply of the callback route; see the contract. */
export type CallbackReply = { readonly headers?: Readonly<Record<string, string>> } & (
  | { readonly status: 200; readonly body: string | { readonly status: "ok" } }
  | { readonly status: 204; readonly body: undefined }
  | {
      readonly status: 400 | 401 | 404 | 409;
      readonly body: string | { readonly code: "FAIL"; readonly message: string };
    }
);

/** How a provider wants its callbacks answered. */
export interface CallbackReplies {
  readonly taken: CallbackReply;
  /** The refusal in the provider's own form; undefined: as a problem, like everywhere. */
  refused(problem: DomainError): CallbackReply | undefined;
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
  /** False the first time. */
  readonly asked_before: boolean;
}

/** `pending`: taken, ask again later. `rejected`: it will never be done. */
export type RefundAnswer = "done" | "pending" | "rejected";

/** The provider did not answer, or nothing that can be relied on. What it was asked for may or may not have happened. */
export class ProviderFailure extends Error {
  readonly code = "provider_failure";
  readonly method: string;

  /** `reason` is shown in logs, so it must not quote keys, tokens or people's data. */
  constructor(method: string, reason: string) {
    super(`${method}: ${reason}`);
    this.name = "ProviderFailure";
    this.method = method;
  }
}

/**
 * A provider; everything may be called again with the same arguments.
 * Everything throws {@link ProviderFailure} when the provider does not answer.
 */
export interface Provider {
  readonly method: string;
  readonly replies: CallbackReplies;
  /**
   * Gives what the payer needs in order to pay. Called before the attempt is stored, so that nothing is stored that
   * can't be paid; a charge whose attempt lost a race was shown to nobody and ends at its `expires_at`.
   * @throws {DomainError} invalid when the provider does not take such an amount or currency.
   */
  open(charge: Charge): Promise<Readonly<Record<string, string>>>;
  query(reference: string): Promise<ChargeState>;
  /**
   * Makes sure that the charge can't be captured any more, and says how it stands then: `captured` if it was too late.
   * One that the provider has not heard of counts as closed; where it may still come to be paid, payment-checks.ts has
   * it asked about again.
   */
  close(reference: string): Promise<ChargeState>;
  refund(order: RefundOrder): Promise<RefundAnswer>;
  /** What became of a refund; `unknown` when the provider has never heard of it. */
  queryRefund(order: RefundOrder): Promise<RefundAnswer | "unknown">;
  /**
   * Verifies and reads a callback. What is signed but can't be read is `unreadable`, not an error: it may be about money.
   * @throws {DomainError} unauthenticated without a valid signature, 400 when it is for another merchant or application.
   */
  parseCallback(headers: Headers, rawBody: string): Promise<Notice>;
}
