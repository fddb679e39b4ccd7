// The body of the sandbox provider's callback: written by the sandbox, read by PaymentService.

import * as z from "zod";
import { strictJson } from "../../../../lib/http/strict-json.ts";
import { formatAmount, parseCaptured } from "../../../../lib/money/money.ts";
import { capturedState, reportedText } from "../captured.ts";
import type { ChargeState, Reported } from "../provider.ts";
import type { Callback, SandboxCharge } from "./charge.ts";

/** The body that the sandbox sends. */
export interface SandboxCallback {
  readonly reference: string;
  readonly transaction_id: string;
  readonly outcome: "success" | "failure";
  /** `"299.99"` */
  readonly amount: string;
  readonly currency: string;
  readonly occurred_at: string;
}

const callback = z.object({
  reference: z.unknown().optional(),
  transaction_id: z.unknown().optional(),
  outcome: z.unknown().optional(),
  amount: z.unknown().optional(),
  currency: z.unknown().optional(),
});

/** The callback for a decided charge. */
export function callbackBody({ reference, decision }: SandboxCharge, callback: Callback): string {
  if (!decision) throw new Error(`The charge ${reference} is not decided`);
  const { transaction_id, outcome, currency, decided_at } = decision;
  const amount = callback === "callback" ? decision.amount : callback.amount;
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

/** The content of a callback; only `reported` when it can't be read. */
export function readCallback(rawBody: string): { reported: Reported; charge: ChargeState | undefined } {
  const { data } = callback.safeParse(strictJson(rawBody));
  const reported = {
    reference: reportedText(data?.reference),
    transaction_id: reportedText(data?.transaction_id),
    amount: reportedText(data?.amount),
    currency: reportedText(data?.currency),
  };
  if (reported.reference === "") return { reported, charge: undefined };
  if (data?.outcome === "failure") return { reported, charge: { state: "failed" } };
  if (data?.outcome !== "success") return { reported, charge: undefined };
  return { reported, charge: capturedState(reported, amountOf(data.amount)) };
}

const amountOf = (value: unknown): number | undefined =>
  typeof value === "string" || typeof value === "number" ? parseCaptured(value) : undefined;
