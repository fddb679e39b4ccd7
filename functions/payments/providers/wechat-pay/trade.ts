// Translates the status of a transaction at WeChat Pay.

import * as z from "zod";
import type { Minor } from "../../../../lib/money/money.ts";
import { capturedState, reportedText } from "../captured.ts";
import type { ChargeState, RefundAnswer, Reported } from "../provider.ts";

/** A transaction as in replies to queries and in callbacks; {@link chargeState} interprets it. */
export const transaction = z.object({
  appid: z.string().optional(),
  mchid: z.string(),
  out_trade_no: z.string().min(1),
  transaction_id: z.unknown().optional(),
  trade_state: z.string(),
  amount: z
    .looseObject({ total: z.unknown().optional(), currency: z.unknown().optional() })
    .optional()
    .catch(undefined),
});

export type Transaction = z.output<typeof transaction>;

/** What a transaction reports about money, in WeChat Pay's terms. */
export const reportedBy = ({ out_trade_no, transaction_id, amount }: Transaction): Reported => ({
  reference: out_trade_no,
  transaction_id: reportedText(transaction_id),
  amount: amount === undefined ? "" : `${reportedText(amount.total)} fen`,
  currency: reportedText(amount?.currency) || "CNY",
});

/** The state of the charge; undefined for a `trade_state` that is not documented. */
export function chargeState(answered: Transaction): ChargeState | undefined {
  switch (answered.trade_state) {
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
      return capturedState(reportedBy(answered), totalOf(answered));
    case "REFUND": {
      // Paid, and refunded in full or in part since.
      const paid = capturedState(reportedBy(answered), totalOf(answered));
      return paid.state === "captured" ? { ...paid, refunded: true } : paid;
    }
    default:
      return undefined;
  }
}

function totalOf({ amount }: Transaction): Minor | undefined {
  const total = amount?.total;
  return typeof total === "number" && Number.isSafeInteger(total) && total > 0 ? total : undefined;
}

/** A refund as in replies. */
export const refundState = z.object({
  out_refund_no: z.string(),
  status: z.enum(["SUCCESS", "CLOSED", "PROCESSING", "ABNORMAL"]),
});

/**
 * Translates a refund's status. `ABNORMAL` (the payer's card does not accept it) has to be resolved by a person at WeChat Pay; it
 * stays open, because another refund could pay the money twice.
 */
export function refundAnswer(status: z.infer<typeof refundState>["status"]): RefundAnswer {
  if (status === "SUCCESS") return "done";
  if (status === "ABNORMAL") return "abnormal";
  return status === "CLOSED" ? "rejected" : "pending";
}
