// Translates the status of a trade at Alipay.

import * as z from "zod";
import { parseCaptured } from "../../../../lib/money/money.ts";
import { capturedState } from "../captured.ts";
import type { ChargeState, Reported } from "../provider.ts";

/** A trade as in replies to queries and in callbacks; {@link chargeState} interprets it. */
export const trade = z.object({
  out_trade_no: z.string().min(1),
  trade_no: z.string().default(""),
  trade_status: z.string(),
  total_amount: z.string().default(""),
});

export type Trade = z.output<typeof trade>;

/** What a trade reports about money. Trades of the mainland are in CNY; replies and callbacks name no currency. */
export const reportedBy = ({ out_trade_no, trade_no, total_amount }: Trade): Reported => ({
  reference: out_trade_no,
  transaction_id: trade_no,
  amount: total_amount,
  currency: "CNY",
});

/**
 * The state of the charge; undefined for a `trade_status` that is not documented. `TRADE_CLOSED` is a trade that was not paid in
 * time, or was refunded in full: in both cases no money is left.
 */
export function chargeState(answered: Trade): ChargeState | undefined {
  switch (answered.trade_status) {
    case "WAIT_BUYER_PAY":
      return { state: "open" };
    case "TRADE_CLOSED":
      return { state: "closed" };
    case "TRADE_SUCCESS":
    case "TRADE_FINISHED":
      return capturedState(reportedBy(answered), parseCaptured(answered.total_amount));
    default:
      return undefined;
  }
}
