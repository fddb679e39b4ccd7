// The contract of the sandbox provider's terminal, as api.ts is of the other panels: types and plain data, no import.

/** GET → {@link TerminalView}. POST {@link TerminalRequest} → {@link TerminalResult}. */
export const PROVIDER_ROUTE = "/api/provider";

export interface TerminalView {
  /** The latest attempts to pay by the sandbox, newest first, at most 50. */
  readonly attempts: readonly AttemptView[];
}

/** Amounts as `"299.99"`, times as RFC 3339. */
export interface AttemptView {
  readonly reference: string;
  readonly payment_id: string;
  readonly order_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly created_at: string;
  readonly payment_status: string;
  readonly attempt_status: string;
  /** `open`, `closed`, `failed` or `captured`. */
  readonly charge: string;
  readonly captured: string | null;
  /** Those that PaymentService has not accepted yet. */
  readonly callbacks: readonly {
    readonly state: "waiting" | "held" | "parked";
    readonly at: string;
    readonly error: string | null;
  }[];
}

export type TerminalRequest =
  | {
      readonly action: "approve" | "decline";
      readonly reference: string;
      /** What is captured; the attempt's amount when left out. */
      readonly amount?: string | undefined;
      /** Seconds until the callback is sent; null: it is held until it is sent from here. */
      readonly after_s: number | null;
    }
  /** Sends the callback once more. */
  | { readonly action: "repeat"; readonly reference: string; readonly after_s: number | null }
  /** Sends now what waits, is held or parked. */
  | { readonly action: "send"; readonly reference: string }
  /** Sends all that are held, by the time of their decision, or the other way round. */
  | { readonly action: "send_held"; readonly order: "first" | "last" };

export interface TerminalResult {
  /** Charges that it was done for. */
  readonly done: number;
}
