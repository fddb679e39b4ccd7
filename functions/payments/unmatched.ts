// Unmatched transactions: money that a provider reports under its signature and that no payment takes. It is stored and parked
// until a person has settled it with the provider: no report of money is ever dropped. Pure.

import { createHash } from "node:crypto";
import { conflict } from "../../lib/core/domain-error.ts";
import { derivedId } from "../../lib/http/idempotency.ts";
import type { Parking } from "../../lib/outbox/parked.ts";
import type { Reported } from "./providers/provider.ts";

export interface UnmatchedTransaction extends Reported {
  readonly id: string;
  readonly method: string;
  /** A capture, a refund, or a callback that can't be read and may be either. */
  readonly kind: "capture" | "refund" | "callback";
  /** Why no payment takes it. */
  readonly reason: string;
  readonly reported_at: string;
  /** When an operator marked it as settled. */
  readonly settled_at: string | null;
}

export type Unmatched = Pick<UnmatchedTransaction, "method" | "kind" | "reason"> & {
  readonly reported: Reported;
  /** The whole report, for reports that the fields of `reported` may not distinguish. */
  readonly content?: string;
};

/** Characters stored of a longer text, besides its SHA-256. */
const MAX_TEXT = 128;

/** The stored form of a report. Its id is derived from its content, so that a repeated report is stored once. */
export function unmatchedTransaction(
  { method, kind, reason, reported, content }: Unmatched,
  now: number,
): UnmatchedTransaction {
  const { reference, transaction_id, amount, currency } = reported;
  const identity = [method, kind, reference, transaction_id, amount, currency];
  return {
    id: derivedId("unmatched", JSON.stringify(content === undefined ? identity : [...identity, content])),
    method,
    kind,
    reason,
    reference: bounded(reference),
    transaction_id: bounded(transaction_id),
    amount: bounded(amount),
    currency: bounded(currency),
    reported_at: new Date(now).toISOString(),
    settled_at: null,
  };
}

/** `text`; a longer one as its beginning and the SHA-256 of the whole. */
function bounded(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  return `${text.slice(0, MAX_TEXT)}… sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** How operators list and settle reports. There is nothing to retry. */
export const unmatchedParking: Parking<UnmatchedTransaction> = {
  list: (transaction) =>
    transaction.settled_at === null
      ? [
          {
            kind: "transaction",
            id: transaction.kind,
            since: transaction.reported_at,
            tries: 1,
            error: describe(transaction),
          },
        ]
      : [],
  retry() {
    throw conflict(
      "not_retryable",
      "There is nothing to retry: settle it with the provider, then `npm run outbox -- settle`.",
    );
  },
  settle: (transaction, now) =>
    transaction.settled_at === null
      ? { ...transaction, settled_at: new Date(now).toISOString() }
      : transaction,
};

/** One line for operators: what was reported, and why no payment takes it. */
export function describe(transaction: UnmatchedTransaction): string {
  const { method, kind, amount, currency, transaction_id, reference, reason } = transaction;
  const sum = `${amount || "an unknown amount"} ${currency}`.trim();
  const names = `${transaction_id || "no transaction"} of ${reference || "no reference"}`;
  return `${method} reports a ${kind} of ${sum} (${names}): ${reason}`;
}
