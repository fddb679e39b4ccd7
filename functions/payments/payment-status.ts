// The statuses of a payment and its parts, for its contract and its rules.

/** Of an attempt to pay. */
export const ATTEMPT_STATUSES = ["pending", "processing", "captured", "failed", "closed"] as const;

export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number];

export const REFUND_STATUSES = ["due", "requested", "done", "rejected"] as const;

export type RefundStatus = (typeof REFUND_STATUSES)[number];

/** What users are shown of a payment; never stored, but derived: see `statusOf` in payment.ts. */
export const PAYMENT_STATUSES = [
  "pending",
  "processing",
  "succeeded",
  "partially_refunded",
  "refunded",
  "failed",
  "cancelled",
  "expired",
] as const;

export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];
