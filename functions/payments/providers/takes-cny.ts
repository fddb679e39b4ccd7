// What Alipay and WeChat Pay take: CNY, and no more than they allow.

import { invalidValue } from "../../../lib/core/domain-error.ts";
import { formatAmount, type Minor } from "../../../lib/money/money.ts";
import type { Charge } from "./provider.ts";

/** @throws {DomainError} invalid for another currency, or an amount above `most`. */
export function requireCny({ amount, currency }: Charge, most: Minor): void {
  if (currency !== "CNY") throw invalidValue("currency_not_supported", "This method takes CNY only.");
  if (amount > most) {
    throw invalidValue("amount_not_supported", `This method takes ${formatAmount(most)} at most.`);
  }
}
