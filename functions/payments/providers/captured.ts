// A capture as a provider reports it. It says what it says under its signature, so nothing of it may be refused.

import { createHash } from "node:crypto";
import type { Minor } from "../../../lib/money/money.ts";
import type { ChargeState, Reported } from "./provider.ts";

const CURRENCY = /^[A-Z]{3}$/;
const PRINTABLE = /^[\x21-\x7e]{1,64}$/;
const HEAD = 20;

/** The state of a charge that is paid: `captured`, or `unreadable` where it does not say by which transaction, or how much. */
export function capturedState(reported: Reported, amount: Minor | undefined): ChargeState {
  const { transaction_id, currency } = reported;
  if (transaction_id === "" || amount === undefined || !CURRENCY.test(currency)) {
    return { state: "unreadable", reported };
  }
  return { state: "captured", transaction_id: boundedId(transaction_id), amount, currency };
}

/**
 * A transaction's id, as it is kept: 64 characters at most. A longer one, or one with other characters than printable ASCII,
 * is its beginning and its SHA-256. The provider does not know it by that, so it refuses a refund, which is then parked.
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
