// How a trade of Alipay's stands, in our terms.

import * as z from "zod";
import type { Minor } from "../../../../lib/money/money.ts";
import type { ChargeState } from "../provider.ts";

export const tradeStatus = z.enum(["WAIT_BUYER_PAY", "TRADE_CLOSED", "TRADE_SUCCESS", "TRADE_FINISHED"]);

/** `TRADE_CLOSED` is a trade that nobody paid in time, and one that was given back in full: nothing is left of either. */
export function chargeState(
  status: z.infer<typeof tradeStatus>,
  transaction_id: string,
  amount: Minor,
): ChargeState {
  switch (status) {
    case "WAIT_BUYER_PAY":
      return { state: "open" };
    case "TRADE_CLOSED":
      return { state: "closed" };
    case "TRADE_SUCCESS":
    case "TRADE_FINISHED":
      // Trades of the mainland are in CNY; neither answer nor callback names a currency.
      return { state: "captured", transaction_id, amount, currency: "CNY" };
  }
}
