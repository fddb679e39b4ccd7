// Limits of Alipay and WeChat Pay: CNY only, and a maximum amount.

import { invalidValue } from "../../../lib/core/domain-error.ts";
import { formatAmount, type Minor } from "../../../lib/money/money.ts";
import type { Charge } from "./provider.ts";

/** @throws {DomainError} invalid for another currency, or an amount above `most`. */
export function requireCny({ amount, currency }: Charge, most: Minor): void {
  if (currency !== "CNY") throw invalidValue("currency_not_supported", "This method supports CNY only.");
  if (amount > most) {
    throw invalidValue("amount_not_supported", `This method supports at most ${formatAmount(most)}.`);
  }
}
