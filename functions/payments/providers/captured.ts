// A capture as a provider reports it. The report is signed, so it is recorded whatever its values are.

import { createHash } from "node:crypto";
import type { Minor } from "../../../lib/money/money.ts";
import type { ChargeState, Reported } from "./provider.ts";

const CURRENCY = /^[A-Z]{3}$/;
const PRINTABLE = /^[\x21-\x7e]{1,64}$/;
const HEAD = 20;

/** The state of a paid charge: `captured`, or `unreadable` when the transaction or the amount is missing. */
export function capturedState(reported: Reported, amount: Minor | undefined): ChargeState {
  const { transaction_id, currency } = reported;
  if (transaction_id === "" || amount === undefined || !CURRENCY.test(currency)) {
    return { state: "unreadable", reported };
  }
  return { state: "captured", transaction_id: boundedId(transaction_id), amount, currency };
}

/**
 * A transaction's id as it is stored: at most 64 characters of printable ASCII. Any other id is shortened to its beginning and
 * its SHA-256. The provider does not know the shortened id, so it rejects a refund, which is then parked.
 */
export function boundedId(id: string): string {
  if (PRINTABLE.test(id)) return id;
  const head = id.slice(0, HEAD).replace(/[^\x21-\x7e]/g, "?");
  return `${head}~${createHash("sha256").update(id).digest("base64url")}`;
}

/** Any value of a provider's reply as text; "" for none. */
export function reportedText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
