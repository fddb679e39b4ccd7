// Unmatched transactions: money that a provider reports under its signature and that no payment takes. It is stored and parked
// until a person has settled it with the provider: no report of money is ever dropped. Pure.

import { createHash } from "node:crypto";
import { conflict } from "../../lib/core/domain-error.ts";
import { derivedId } from "../../lib/core/ids.ts";
import type { Parking } from "../../lib/outbox/parked.ts";
import { excerptOf } from "./excerpt.ts";
import type { Reported } from "./providers/provider.ts";

export interface UnmatchedTransaction extends Reported {
  readonly id: string;
  readonly method: string;
  /** A capture, a refund, or a callback that can't be read and may be either. */
  readonly kind: "capture" | "refund" | "callback";
  /** Why no payment takes it. */
  readonly reason: string;
  /** The beginning of the text that the provider signed, safe to show; null in replies to queries, and in older items. */
  readonly excerpt: string | null;
  readonly reported_at: string;
  /** When an operator marked it as settled. */
  readonly settled_at: string | null;
}

export type Unmatched = Pick<UnmatchedTransaction, "method" | "kind" | "reason"> & {
  readonly reported: Reported;
  /** The whole report, for reports that the fields of `reported` may not distinguish. */
  readonly content?: string;
  /** What the provider signed, of any length; undefined for a reply to a query, which can be sent again. */
  readonly text: string | undefined;
};

/** Characters stored of a longer text, besides its SHA-256. */
const MAX_TEXT = 128;

/** The stored form of a report. Its id is derived from its content, so that a repeated report is stored once. */
export function unmatchedTransaction(
  { method, kind, reason, reported, content, text }: Unmatched,
  now: number,
): UnmatchedTransaction {
  const { reference, transaction_id, amount, currency } = reported;
  const identity = [method, kind, reference, transaction_id, amount, currency];
  return {
    id: derivedId("unmatched", JSON.stringify(content === undefined ? identity : [...identity, content])),
    method,
    kind,
    reason,
    excerpt: text === undefined ? null : excerptOf(text),
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
            // The only entry of its aggregate, so its kind is unique there.
            id: transaction.kind,
            since: transaction.reported_at,
            tries: 1,
            error: describe(transaction),
            ...(transaction.excerpt === null ? {} : { text: transaction.excerpt }),
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

/** One line for operators and logs: what was reported, and why no payment takes it. Without the excerpt, which is for operators alone. */
export function describe(transaction: UnmatchedTransaction): string {
  const { method, kind, amount, currency, transaction_id, reference, reason } = transaction;
  const sum = `${amount || "an unknown amount"} ${currency}`.trim();
  const names = `${transaction_id || "no transaction"} of ${reference || "no reference"}`;
  return `${method} reports a ${kind} of ${sum} (${names}): ${reason}`;
}
