// Any sequence of commands and provider's words, in any order and however often: the money always adds up.

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DomainError } from "../../lib/core/domain-error.ts";
import { isLive, type Payment, type RefundStatus } from "./payment.ts";
import {
  applyCharge,
  applyCheck,
  beginAttempt,
  cancelAttempt,
  createPayment,
  type NewAttempt,
} from "./payment-attempts.ts";
import { paymentEvent } from "./payment-event.ts";
import {
  correctRefund,
  recordRefundReply,
  requestRefund,
  requireRefund,
  retryRefund,
} from "./payment-refunds.ts";
import { REFUND_STATUSES } from "./payment-status.ts";
import type { ChargeState, RefundAnswer } from "./providers/provider.ts";
import { SurplusCapture } from "./surplus-capture.ts";

const NOW = Date.parse("2026-11-01T12:00:00.000Z");
const TOTAL = 100;

const attempt = (key: string): NewAttempt => ({
  method: "sandbox",
  amount: TOTAL,
  reference: `reference-${key}`,
  checkout: {},
  creation: { id: key, fingerprint: "f", keyed: true },
  expires_at: new Date(NOW + 60_000).toISOString(),
});

const newPayment = (): Payment =>
  createPayment(
    {
      id: "p",
      order_id: "o",
      user_id: "buyer",
      seller_id: null,
      buyer_email: null,
      currency: "CNY",
    },
    attempt("0"),
    NOW,
  );

type Step = (payment: Payment, now: number) => Payment;

const captured = (transaction: number, amount = TOTAL, currency = "CNY"): ChargeState => ({
  state: "captured",
  transaction_id: `t-${transaction}`,
  amount,
  currency,
});

/** Reference of some attempt that the payment has. */
const someReference = (payment: Payment, no: number): string =>
  payment.attempts[no % payment.attempts.length]?.reference ?? "";

const charge: fc.Arbitrary<ChargeState> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(12).map((transaction) => captured(transaction)) },
  fc
    .tuple(fc.nat(12), fc.integer({ min: 1, max: 300 }), fc.constantFrom("CNY", "USD"))
    .map((args) => captured(...args)),
  fc
    .constantFrom("open" as const, "processing" as const, "failed" as const, "closed" as const)
    .map((state) => ({
      state,
    })),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.nat(30).map(
    (key): Step =>
      (payment, now) =>
        beginAttempt(payment, attempt(String(key)), now),
  ),
  fc.tuple(fc.nat(9), charge).map(
    ([no, said]): Step =>
      (payment, now) =>
        applyCharge(payment, someReference(payment, no), said, now),
  ),
  fc.nat(9).map(
    (no): Step =>
      (payment, now) =>
        cancelAttempt(payment, someReference(payment, no), "stop", now),
  ),
  fc.nat(9).map(
    (no): Step =>
      (payment, now) =>
        applyCheck(payment, someReference(payment, no), undefined, now),
  ),
  fc.tuple(fc.nat(40), fc.option(fc.integer({ min: 1, max: 150 }), { nil: undefined })).map(
    ([id, amount]): Step =>
      (payment, now) =>
        payment.refunds.some((refund) => refund.id === `r-${id}`)
          ? payment
          : requestRefund(payment, { id: `r-${id}`, amount, reason: "r", fingerprint: "f" }, now),
  ),
  fc
    .tuple(fc.nat(19), fc.constantFrom<RefundAnswer | undefined>("done", "pending", "rejected", undefined))
    .map(
      ([no, answer]): Step =>
        (payment, now) =>
          recordRefundReply(payment, payment.refunds[no % payment.refunds.length]?.id ?? "", answer, now),
    ),
  // An operator has a refund requested again.
  fc.nat(19).map(
    (no): Step =>
      (payment, now) =>
        retryRefund(payment, payment.refunds[no % payment.refunds.length]?.id ?? "", now),
  ),
  // A provider that had rejected a refund says that it has made it.
  fc.nat(19).map(
    (no): Step =>
      (payment, now) =>
        correctRefund(payment, payment.refunds[no % payment.refunds.length]?.id ?? "", now),
  ),
  // The order's verdict on the last event.
  fc.constant<Step>((payment, now) =>
    requireRefund(payment, paymentEvent(payment).attempt ?? 0, "cancelled", now),
  ),
);

/** Applies a step; one that the rules refuse changes nothing. */
function tried(payment: Payment, apply: Step, now: number): Payment {
  try {
    return apply(payment, now);
  } catch (error) {
    if (error instanceof DomainError || error instanceof SurplusCapture) return payment;
    throw error;
  }
}

/** Fails with every promise that `payment` breaks. */
function checkPromises(payment: Payment): void {
  const broken = Object.entries(promises(payment)).filter(([, kept]) => !kept);
  if (broken.length > 0) expect({ payment, broken: broken.map(([promise]) => promise) }).toBeUndefined();
}

function promises({ attempts, refunds, history }: Payment): Record<string, boolean> {
  const accepted = attempts.filter((one) => one.status === "captured" && one.refund_required === null);
  const transactions = attempts.flatMap((one) => one.transaction_id ?? []);
  const givenOf = (no: number, ...statuses: readonly RefundStatus[]) =>
    refunds
      .filter((refund) => refund.attempt === no && statuses.includes(refund.status))
      .reduce((total, refund) => total + refund.amount, 0);
  return {
    "no more goes back than was captured": attempts.every(
      (one) => givenOf(one.no, "due", "requested", "done") <= one.captured_amount,
    ),
    "what pays nothing goes back in full, unless the provider rejected that": attempts
      .filter((one) => one.refund_required !== null)
      .every((one) => givenOf(one.no, ...REFUND_STATUSES) >= one.captured_amount),
    "only captures have money": attempts.every(
      (one) => one.captured_amount > 0 === (one.status === "captured"),
    ),
    "one capture at most pays": accepted.length <= 1,
    "what pays the order is the requested amount": accepted.every(
      (one) => one.captured_amount === TOTAL && one.captured_currency === "CNY",
    ),
    "one attempt at most is live": attempts.filter(isLive).length <= 1,
    "a transaction is kept once": new Set(transactions).size === transactions.length,
    "refunds have ids of their own": new Set(refunds.map(({ id }) => id)).size === refunds.length,
    "all is bounded": attempts.length <= 20 && refunds.length <= 30 && history.length <= 50,
  };
}

test("whatever happens, no more goes back than came in, and one capture at most pays", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 120, size: "max" }), (steps) => {
      steps.reduce((payment, apply, index) => {
        const next = tried(payment, apply, NOW + index * 1_000);
        if (next !== payment) checkPromises(next);
        return next;
      }, newPayment());
    }),
    { numRuns: 200 },
  );
});

test("a change that concerns the order always puts an event for it into the outbox", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60, size: "max" }), (steps) => {
      steps.reduce((payment, apply, index) => {
        const next = tried(payment, apply, NOW + index * 1_000);
        const { seq: _was, ...before } = paymentEvent(payment);
        const { seq, ...after } = paymentEvent(next);
        // The order knows of a new attempt: it gave the lease.
        const unchanged = JSON.stringify(before) === JSON.stringify(after) || after.state === "open";
        if (unchanged) return next;
        expect(next.outbox.map(({ id }) => id)).toContain(`order:${seq}`);
        return next;
      }, newPayment());
    }),
    { numRuns: 200 },
  );
});

describe("callbacks in any order and however often", () => {
  /** A payment with a failed, a cancelled and a live attempt. */
  function begun(): Payment {
    const failed = applyCharge(newPayment(), "reference-0", { state: "failed" }, NOW);
    const cancelled = cancelAttempt(beginAttempt(failed, attempt("1"), NOW), "reference-1", "stop", NOW);
    return beginAttempt(cancelled, attempt("2"), NOW);
  }
  const notices: readonly (readonly [string, ChargeState])[] = [
    ["reference-0", captured(0)],
    ["reference-0", { state: "failed" }],
    ["reference-1", captured(1)],
    ["reference-1", captured(2, 50)],
    ["reference-2", captured(3)],
    ["reference-2", captured(4)],
    ["reference-2", { state: "closed" }],
    ["reference-2", { state: "failed" }],
  ];

  test("converge: each transaction is kept once, one at most pays, all others go back", () => {
    const order = fc.shuffledSubarray([...notices, ...notices, ...notices], { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(order, (sent) => {
        const apply = (payment: Payment) =>
          sent.reduce((state, [reference, said]) => applyCharge(state, reference, said, NOW), payment);
        const once = apply(begun());
        checkPromises(once);
        const kept = once.attempts.flatMap((one) => one.transaction_id ?? []).sort();
        expect(kept).toEqual(["t-0", "t-1", "t-2", "t-3", "t-4"]);
        const back = once.refunds.reduce((sum, refund) => sum + refund.amount, 0);
        const pays = once.attempts.some((one) => one.status === "captured" && one.refund_required === null);
        expect(back).toBe(pays ? 350 : 450);
        expect(apply(once)).toBe(once);
      }),
    );
  });
});

test("a capture beside an accepted one goes back, whatever let two attempts be live", () => {
  const paid = applyCharge(newPayment(), "reference-0", captured(1), NOW);
  const [first] = newPayment().attempts;
  if (!first) throw new Error("There is no attempt");
  const second = { ...first, no: 2, reference: "reference-1" };
  const both = { ...paid, attempts: [...paid.attempts, second] };
  checkPromises(applyCharge(both, "reference-1", captured(2), NOW));
});

test("a capture that the order refuses twice is refunded once", () => {
  const paid = applyCharge(newPayment(), "reference-0", captured(1), NOW);
  const refused = requireRefund(paid, 1, "cancelled", NOW);
  expect(refused.refunds).toHaveLength(1);
  expect(requireRefund(refused, 1, "cancelled", NOW)).toBe(refused);
  const parked = recordRefundReply(refused, refused.refunds[0]?.id ?? "", "rejected", NOW);
  expect(requireRefund(parked, 1, "cancelled", NOW)).toBe(parked);
});

test("a refund that has ended stays as it is, whatever is said of it", () => {
  for (const end of ["done", "rejected"] as const) {
    const paid = applyCharge(newPayment(), "reference-0", captured(1), NOW);
    const requested = requestRefund(paid, { id: "r", amount: 1, reason: "r", fingerprint: "f" }, NOW);
    const ended = recordRefundReply(requested, "r", end, NOW);
    for (const answer of ["done", "pending", "rejected", undefined] as const) {
      expect(recordRefundReply(ended, "r", answer, NOW)).toBe(ended);
    }
  }
});

describe("more than is left of a capture", () => {
  const refund = (payment: Payment, id: string, amount: number | undefined) =>
    requestRefund(payment, { id, amount, reason: "r", fingerprint: "f" }, NOW);
  const rejected = () => {
    const paid = applyCharge(newPayment(), "reference-0", captured(1), NOW);
    return recordRefundReply(refund(paid, "first", 60), "first", "rejected", NOW);
  };
  const refused = expect.objectContaining({ kind: "conflict", code: "refund_exceeds_capture" });

  test("is refunded neither by users nor by operators", () => {
    const left40 = refund(rejected(), "second", 60);
    expect(() => refund(left40, "third", 41)).toThrow(refused);
    expect(() => retryRefund(left40, "first", NOW)).toThrow(refused);
    expect(refund(left40, "third", 40).refunds).toHaveLength(3);
  });

  test("is not required by the system: what is done or in progress counts", () => {
    const required = requireRefund(refund(rejected(), "second", 60), 1, "cancelled", NOW);
    expect(required.refunds.map(({ amount }) => amount)).toEqual([60, 60, 40]);
  });

  test.each([0, -1])("an amount of %i is refused as well", (amount) => {
    expect(() => refund(rejected(), "second", amount)).toThrow(refused);
  });
});
