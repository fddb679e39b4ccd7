// How a transaction of WeChat Pay's stands, in our terms.

import * as z from "zod";
import type { ChargeState, RefundAnswer } from "../provider.ts";

/** A transaction as queries answer it and callbacks carry it. */
export const transaction = z.object({
  appid: z.string().optional(),
  mchid: z.string(),
  out_trade_no: z.string().min(1).max(64),
  transaction_id: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/)
    .optional(),
  trade_state: z.enum([
    "SUCCESS",
    "REFUND",
    "NOTPAY",
    "CLOSED",
    "REVOKED",
    "USERPAYING",
    "PAYERROR",
    "ACCEPT",
  ]),
  amount: z.object({ total: z.int().min(1), currency: z.string().default("CNY") }).optional(),
});

export type Transaction = z.output<typeof transaction>;

/** The state; undefined when a paid transaction does not say what was paid. */
export function chargeState({ trade_state, transaction_id, amount }: Transaction): ChargeState | undefined {
  switch (trade_state) {
    case "NOTPAY":
      return { state: "open" };
    case "USERPAYING":
    case "ACCEPT":
      return { state: "processing" };
    case "CLOSED":
    case "REVOKED":
      return { state: "closed" };
    case "PAYERROR":
      return { state: "failed" };
    case "SUCCESS":
    case "REFUND": {
      // REFUND is one that was paid, and of which something was given back since.
      if (transaction_id === undefined || amount === undefined) return undefined;
      return { state: "captured", transaction_id, amount: amount.total, currency: amount.currency };
    }
  }
}

/** A refund as it is answered. */
export const refundState = z.object({
  out_refund_no: z.string(),
  status: z.enum(["SUCCESS", "CLOSED", "PROCESSING", "ABNORMAL"]),
});

/**
 * What a refund's status means. `ABNORMAL` (the payer's card does not take it) is for a person to put right at WeChat
 * Pay; it stays pending, because to ask for another refund could give the money back twice.
 */
export function refundAnswer(status: z.infer<typeof refundState>["status"]): RefundAnswer {
  if (status === "SUCCESS") return "done";
  return status === "CLOSED" ? "rejected" : "pending";
}
