// The names that items have for parts of a payment, from before the code had better ones. Other versions read the same items
// while one is rolled out, so the items keep theirs; here, and nowhere else, the one becomes the other.

import type { Attempt, Payment } from "./payment.ts";

type StoredAttempt = Omit<Attempt, "refund_required"> & { readonly condemned: Attempt["refund_required"] };

type StoredPayment = Omit<Payment, "attempts"> & { readonly attempts: readonly StoredAttempt[] };

/** A payment as its item has it. */
export const readStoredPayment = ({ attempts, ...rest }: StoredPayment): Payment => ({
  ...rest,
  attempts: attempts.map(({ condemned: refund_required, ...attempt }) => ({ ...attempt, refund_required })),
});

/** A payment as it is written into its item. */
export const writeStoredPayment = ({ attempts, ...rest }: Payment): StoredPayment => ({
  ...rest,
  attempts: attempts.map(({ refund_required: condemned, ...attempt }) => ({ ...attempt, condemned })),
});
