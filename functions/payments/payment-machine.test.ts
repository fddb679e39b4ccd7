// The tables against the functions: what they say happens, and nothing else can.

import { describe, expect, test } from "@jest/globals";
import { commandsOf, type Rule, targetOf } from "../../lib/core/rules.ts";
import { type Attempt, type Payment, shownAttempt, statusOf } from "./payment.ts";
import {
  applyCharge,
  beginAttempt,
  cancelAttempt,
  createPayment,
  type NewAttempt,
} from "./payment-attempts.ts";
import {
  ATTEMPT_RULES,
  ATTEMPT_STEPS,
  type AttemptCommand,
  PAYMENT_ANSWERS,
  type PaymentAnswer,
  REFUND_RULES,
  REFUND_STEPS,
  type RefundCommand,
} from "./payment-machine.ts";
import {
  correctRefund,
  recordRefundReply,
  requestRefund,
  requireRefund,
  retryRefund,
} from "./payment-refunds.ts";
import {
  ATTEMPT_STATUSES,
  type AttemptStatus,
  PAYMENT_STATUSES,
  REFUND_STATUSES,
  type RefundStatus,
} from "./payment-status.ts";
import type { ChargeState } from "./providers/provider.ts";

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
const people = { user_id: "buyer", seller_id: null, buyer_email: null };
const begun = (): Payment =>
  createPayment({ id: "p", order_id: "o", currency: "CNY", ...people }, attempt("0"), NOW);

const say = (payment: Payment, charge: ChargeState): Payment =>
  applyCharge(payment, "reference-0", charge, NOW);
const captured = (transaction: string): ChargeState => ({
  state: "captured",
  transaction_id: transaction,
  amount: TOTAL,
  currency: "CNY",
});
const paid = (): Payment => say(begun(), captured("t-1"));

const cellsOf = <Status extends string, Command extends string>(
  statuses: readonly Status[],
  rules: Readonly<Record<Command, Rule<Status>>>,
) => commandsOf(rules).flatMap((name) => statuses.map((status) => ({ name, status, rule: rules[name] })));

const refusal = (code: string) => expect.objectContaining({ name: "DomainError", kind: "conflict", code });

describe("the attempt's table", () => {
  const COMMANDS: Readonly<Record<AttemptCommand, (payment: Payment) => Payment>> = {
    process: (payment) => say(payment, { state: "processing" }),
    capture: (payment) => say(payment, captured("t-new")),
    fail: (payment) => say(payment, { state: "failed" }),
    close: (payment) => say(payment, { state: "closed" }),
    cancel: (payment) => cancelAttempt(payment, "reference-0", "why", NOW),
  };
  const EXAMPLES: Readonly<Record<AttemptStatus, () => Payment>> = {
    pending: begun,
    processing: () => COMMANDS.process(begun()),
    captured: paid,
    failed: () => COMMANDS.fail(begun()),
    closed: () => COMMANDS.close(begun()),
  };
  const first = (payment: Payment): Attempt | undefined => payment.attempts[0];
  const eventsOf = (payment: Payment) =>
    payment.outbox.flatMap(({ payload }) => (payload.to === "parties" ? [payload.event] : []));

  test.each(cellsOf<AttemptStatus, AttemptCommand>(ATTEMPT_STATUSES, ATTEMPT_RULES))(
    "$name, when it is $status, does what the table says",
    ({ name, status, rule }) => {
      const before = { ...EXAMPLES[status](), outbox: [] };
      const to = targetOf(rule, status);
      if (to === undefined && "refused" in rule.otherwise) {
        expect(() => COMMANDS[name](before)).toThrow(refusal(rule.otherwise.refused));
        return;
      }
      const after = COMMANDS[name](before);
      expect(first(after)?.status).toBe(to ?? status);
      expect(eventsOf(after)).toEqual(to !== undefined && rule.event !== undefined ? [rule.event] : []);
      if (to !== undefined) return;
      if (name !== "capture") expect(after).toBe(before);
      // The money of a second transaction is never lost: an attempt of its own, and a refund of all of it.
      else
        expect(after).toMatchObject({
          attempts: [{ no: 1 }, { no: 2, refund_required: "it was paid twice" }],
        });
    },
  );

  test("lets a capture in after every end, and nothing else", () => {
    expect([...(ATTEMPT_STEPS.get("failed") ?? [])]).toEqual(["captured"]);
    expect([...(ATTEMPT_STEPS.get("closed") ?? [])]).toEqual(["captured"]);
    expect([...(ATTEMPT_STEPS.get("captured") ?? [])]).toEqual([]);
  });
});

describe("the refund's table", () => {
  const requested = (): Payment =>
    requestRefund(paid(), { id: "r", amount: 10, reason: "why", fingerprint: "f" }, NOW);
  const COMMANDS: Readonly<Record<RefundCommand, (payment: Payment) => Payment>> = {
    request: (payment) => recordRefundReply(payment, "r", "pending", NOW),
    finish: (payment) => recordRefundReply(payment, "r", "done", NOW),
    reject: (payment) => recordRefundReply(payment, "r", "rejected", NOW),
    retry: (payment) => retryRefund(payment, "r", NOW),
    correct: (payment) => correctRefund(payment, "r", NOW),
  };
  const EXAMPLES: Readonly<Record<RefundStatus, () => Payment>> = {
    due: requested,
    requested: () => COMMANDS.request(requested()),
    done: () => COMMANDS.finish(requested()),
    rejected: () => COMMANDS.reject(requested()),
  };

  test.each(cellsOf<RefundStatus, RefundCommand>(REFUND_STATUSES, REFUND_RULES))(
    "$name, when it is $status, does what the table says",
    ({ name, status, rule }) => {
      const before = { ...EXAMPLES[status](), outbox: [] };
      const to = targetOf(rule, status);
      const after = COMMANDS[name](before);
      expect(after.refunds[0]?.status).toBe(to ?? status);
      if (to === undefined) expect(after).toBe(before);
      const recorded = after.outbox.some(
        ({ payload }) => "refund" in payload && payload.event === rule.event,
      );
      expect(recorded).toBe(to !== undefined && rule.event !== undefined);
    },
  );

  test("ends when the money is refunded; a rejected one only by an operator or its provider's other word", () => {
    expect([...(REFUND_STEPS.get("done") ?? [])]).toEqual([]);
    expect([...(REFUND_STEPS.get("rejected") ?? [])]).toEqual(["due", "done"]);
  });
});

describe("what people are answered", () => {
  const refund = (payment: Payment, amount: number | undefined, id = "r") =>
    requestRefund(payment, { id, amount, reason: "why", fingerprint: "f" }, NOW);
  const given = (amount: number | undefined) => recordRefundReply(refund(paid(), amount), "r", "done", NOW);
  const EXAMPLES: Readonly<Record<string, () => Payment>> = {
    pending: begun,
    processing: () => say(begun(), { state: "processing" }),
    succeeded: paid,
    partially_refunded: () => given(1),
    "refunded it had paid the order": () => given(undefined),
    "refunded it never paid the order": () => {
      const owed = requireRefund(paid(), 1, "the order is cancelled", NOW);
      return recordRefundReply(owed, owed.refunds[0]?.id ?? "", "done", NOW);
    },
    failed: () => say(begun(), { state: "failed" }),
    cancelled: () => cancelAttempt(begun(), "reference-0", "why", NOW),
    expired: () => say(begun(), { state: "closed" }),
  };
  const rows = PAYMENT_ANSWERS.map((row) => ({
    ...row,
    name: row.when === undefined ? row.status : `${row.status} ${row.when}`,
  }));

  const holds = (answer: PaymentAnswer, give: () => Payment) => {
    if ("refused" in answer) expect(give).toThrow(refusal(answer.refused));
    else expect(statusOf(give())).toBe(answer.to);
  };

  test("has a word for every status", () => {
    expect(new Set(PAYMENT_ANSWERS.map(({ status }) => status))).toEqual(new Set(PAYMENT_STATUSES));
    expect(Object.keys(EXAMPLES).sort()).toEqual(rows.map(({ name }) => name).sort());
  });

  test.each(rows)("of one that is $name", ({ name, status, begin, cancel, refund: back }) => {
    const payment = EXAMPLES[name]?.() ?? begun();
    expect(statusOf(payment)).toBe(status);
    holds(begin, () => beginAttempt(payment, attempt("1"), NOW));
    holds(cancel, () => cancelAttempt(payment, shownAttempt(payment).reference, "why", NOW));
    holds(back, () => refund(payment, undefined, "another"));
  });
});
