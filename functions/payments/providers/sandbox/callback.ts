// The body of the sandbox provider's callback: written by it, read by PaymentService.

import * as z from "zod";
import { malformed } from "../../../../lib/core/domain-error.ts";
import { formatAmount, parseAmount } from "../../../../lib/money/money.ts";
import type { ChargeState } from "../provider.ts";
import type { SandboxCharge } from "./charge.ts";

const callback = z.object({
  reference: z.string().min(1).max(64),
  transaction_id: z.string().regex(/^[\x21-\x7e]{1,64}$/),
  outcome: z.enum(["success", "failure"]),
  amount: z.union([z.string(), z.number()]),
  currency: z.string().regex(/^[A-Z]{3}$/),
  occurred_at: z.iso.datetime(),
});

/** What the sandbox tells in a callback; it writes `amount` as `"299.99"`. */
export type SandboxCallback = z.infer<typeof callback>;

/** The callback for a decided charge. */
export function callbackBody({ reference, decision }: SandboxCharge): string {
  if (!decision) throw new Error(`The charge ${reference} is not decided`);
  const { transaction_id, outcome, amount, currency, decided_at } = decision;
  const body: SandboxCallback = {
    reference,
    transaction_id,
    outcome,
    amount: formatAmount(amount),
    currency,
    occurred_at: decided_at,
  };
  return JSON.stringify(body);
}

/** What a callback says. @throws {DomainError} malformed `callback_malformed`. */
export function readCallback(rawBody: string): { reference: string; charge: ChargeState } {
  const parsed = callback.safeParse(parseJson(rawBody));
  const amount = parsed.success ? parseAmount(parsed.data.amount) : undefined;
  if (!parsed.success || amount === undefined) {
    throw malformed("callback_malformed", "The callback is signed, but can't be read.");
  }
  const { reference, outcome, transaction_id, currency } = parsed.data;
  if (outcome === "failure") return { reference, charge: { state: "failed" } };
  return { reference, charge: { state: "captured", transaction_id, amount, currency } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
