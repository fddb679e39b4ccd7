// A payment as users see it.

import { formatAmount } from "../../lib/money/money.ts";
import type { PaymentView } from "./contract.ts";
import { isLive, type Payment, refundedOf, shownAttempt, statusOf } from "./payment.ts";

/** The view of `payment`: the attempt that counts, money as text, without internal fields. */
export function paymentToView(payment: Payment): PaymentView {
  const attempt = shownAttempt(payment);
  const live = isLive(attempt);
  return {
    id: payment.id,
    order_id: payment.order_id,
    user_id: payment.user_id,
    method: attempt.method,
    amount: formatAmount(attempt.amount),
    refunded_amount: formatAmount(refundedOf(payment, attempt.no)),
    currency: payment.currency,
    status: statusOf(payment),
    checkout: live ? { ...attempt.checkout } : null,
    refunds: payment.refunds.map(({ id, amount, reason, automatic, status, created_at }) => ({
      id,
      amount: formatAmount(amount),
      reason,
      automatic,
      status,
      created_at,
    })),
    history: payment.history.map((entry) => ({ ...entry })),
    created_at: payment.created_at,
    updated_at: payment.updated_at,
    expires_at: live ? attempt.expires_at : null,
  };
}
