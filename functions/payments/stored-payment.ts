// Converts between a payment and its stored item, in which one field has an older name. Stored names are kept, because during
// a rolling deploy the previous version reads the same items. Only this file knows the stored name.

import type { Attempt, Payment } from "./payment.ts";

type StoredAttempt = Omit<Attempt, "refund_required"> & { readonly condemned: Attempt["refund_required"] };

type StoredPayment = Omit<Payment, "attempts"> & { readonly attempts: readonly StoredAttempt[] };

/** The payment that a stored item holds. */
export const readStoredPayment = ({ attempts, ...rest }: StoredPayment): Payment => ({
  ...rest,
  attempts: attempts.map(({ condemned: refund_required, ...attempt }) => ({ ...attempt, refund_required })),
});

/** The stored item of a payment. */
export const writeStoredPayment = ({ attempts, ...rest }: Payment): StoredPayment => ({
  ...rest,
  attempts: attempts.map(({ refund_required: condemned, ...attempt }) => ({ ...attempt, condemned })),
});
