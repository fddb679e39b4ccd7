// What Alipay and WeChat Pay take: CNY, and no more than they allow.

import { unprocessable } from "../../../lib/core/problem.ts";
import { formatAmount, type Minor } from "../../../lib/money/money.ts";
import type { Charge } from "./provider.ts";

/** @throws {Problem} 422 for another currency, or an amount above `most`. */
export function requireCny({ amount, currency }: Charge, most: Minor): void {
  if (currency !== "CNY") throw unprocessable("currency_not_supported", "This method takes CNY only.");
  if (amount > most) {
    throw unprocessable("amount_not_supported", `This method takes ${formatAmount(most)} at most.`);
  }
}
