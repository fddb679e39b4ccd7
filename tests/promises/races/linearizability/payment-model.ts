// An order's payment as one client at a time would see it.

import type { Model } from "./checker.ts";

export type PaymentInput =
  | { readonly do: "read" | "pay" | "cancel" }
  /** The provider's callbacks, for the attempt it knows as `reference`. */
  | { readonly do: "capture" | "fail"; readonly reference: string }
  | { readonly do: "refund"; readonly amount: number }
  /** What follows by itself some time later: a refund is done; a capture that the order refused has to be refunded. */
  | { readonly do: "refund done" }
  | { readonly do: "require refund"; readonly reference: string };

export interface PaymentShown {
  readonly status: string;
  readonly refunded: number;
  readonly refunds: number;
}

export interface PaymentOutput {
  /** `ok`, or the code of the refusal. */
  readonly answer: string;
  readonly shown?: PaymentShown;
  /** Of the attempt that was begun. */
  readonly begun?: { readonly reference: string; readonly amount: number };
}

interface Attempt {
  readonly reference: string;
  /** Minor units, as all amounts here. */
  readonly amount: number;
  readonly status: "live" | "captured" | "failed" | "cancelled";
  readonly refundRequired: boolean;
}

interface Refund {
  readonly attempt: string;
  readonly amount: number;
  readonly done: boolean;
}

const MAX_ATTEMPTS = 10;

export interface PaymentState {
  readonly attempts: readonly Attempt[];
  readonly refunds: readonly Refund[];
}

/** An order's payment, before the first attempt. */
export const paymentModel: Model<PaymentState, PaymentInput, PaymentOutput> = {
  initial: { attempts: [], refunds: [] },
  step(state, input, output) {
    switch (input.do) {
      case "read":
        return shownAs(state, output) ? [state] : [];
      case "pay":
        return pay(state, output);
      case "cancel":
        return cancel(state, output);
      case "capture":
        return [capture(state, input.reference)];
      case "fail":
        return [
          replace(state, input.reference, (attempt) =>
            attempt.status === "live" ? { ...attempt, status: "failed" } : attempt,
          ),
        ];
      case "refund":
        return refund(state, input.amount, output);
      case "refund done":
        return refundDone(state);
      case "require refund":
        return afterRefusal(state, input.reference);
    }
  },
};

function pay(state: PaymentState, output: PaymentOutput | undefined): readonly PaymentState[] {
  const live = state.attempts.some(({ status }) => status === "live");
  const paid = accepted(state) !== undefined;
  if (output?.answer === "order_not_payable") return [state];
  if (output?.answer === "payment_in_progress") return live ? [state] : [];
  if (output?.answer === "already_paid") return paid && !live ? [state] : [];
  if (output?.answer === "too_many_attempts") return state.attempts.length >= MAX_ATTEMPTS ? [state] : [];
  const known = output?.begun ?? { reference: "?", amount: 0 };
  const attempt: Attempt = { ...known, status: "live", refundRequired: false };
  const begun = live || paid ? [] : [{ ...state, attempts: [...state.attempts, attempt] }];
  return output === undefined ? [...begun, state] : begun;
}

function cancel(state: PaymentState, output: PaymentOutput | undefined): readonly PaymentState[] {
  const shown = shownAttempt(state);
  const live = shown?.status === "live";
  const next = live
    ? [replace(state, shown.reference, (attempt) => ({ ...attempt, status: "cancelled" }))]
    : [];
  if (output === undefined) return [...next, state];
  if (output.answer === "ok") return next;
  return live ? [] : [state];
}

/** Recorded once. For one after the attempt's end, or beside another capture, the same step requires its refund. */
function capture(state: PaymentState, reference: string): PaymentState {
  const attempt = state.attempts.find((known) => known.reference === reference);
  if (!attempt || attempt.status === "captured") return state;
  const pays = attempt.status === "live" && accepted(state) === undefined;
  const captured = replace(state, reference, (known) => ({ ...known, status: "captured" }));
  return pays ? captured : requireRefund(captured, reference);
}

/** The order refused a capture that counted as its payment; without effect this operation is left out of the history. */
function afterRefusal(state: PaymentState, reference: string): readonly PaymentState[] {
  const next = requireRefund(state, reference);
  return next === state ? [] : [next];
}

function requireRefund(state: PaymentState, reference: string): PaymentState {
  const attempt = state.attempts.find((known) => known.reference === reference);
  if (attempt?.status !== "captured" || attempt.refundRequired) return state;
  const left = leftOf(state, reference);
  const marked = replace(state, reference, (known) => ({ ...known, refundRequired: true }));
  const owed = { attempt: reference, amount: left, done: false };
  return left > 0 ? { ...marked, refunds: [...marked.refunds, owed] } : marked;
}

function refund(
  state: PaymentState,
  amount: number,
  output: PaymentOutput | undefined,
): readonly PaymentState[] {
  const captured = state.attempts.filter(({ status }) => status === "captured");
  const inOrder = [...captured.filter(({ refundRequired }) => !refundRequired), ...captured];
  const from = inOrder.find(({ reference }) => leftOf(state, reference) > 0) ?? inOrder[0];
  if (!from) return output === undefined || output.answer === "payment_not_refundable" ? [state] : [];
  const left = leftOf(state, from.reference);
  if (left === 0 || amount > left)
    return output === undefined || output.answer === "refund_exceeds_capture" ? [state] : [];
  const next = { ...state, refunds: [...state.refunds, { attempt: from.reference, amount, done: false }] };
  if (output === undefined) return [next, state];
  return output.answer === "ok" && shownAs(next, output) ? [next] : [];
}

/** Any of those that are under way may be the next. */
const refundDone = (state: PaymentState): readonly PaymentState[] =>
  state.refunds.flatMap((refund, index) =>
    refund.done ? [] : [{ ...state, refunds: state.refunds.with(index, { ...refund, done: true }) }],
  );

function shownAs(state: PaymentState, output: PaymentOutput | undefined): boolean {
  const shown = output?.shown;
  if (!shown) return true;
  const attempt = shownAttempt(state);
  if (!attempt) return false;
  const refunded = doneOf(state, attempt.reference);
  return (
    shown.refunds === state.refunds.length &&
    shown.refunded === refunded &&
    shown.status === statusOf(attempt, refunded)
  );
}

function statusOf({ status, amount }: Attempt, refunded: number): string {
  if (status === "live") return "pending";
  if (status !== "captured") return status;
  if (refunded === 0) return "succeeded";
  return refunded < amount ? "partially_refunded" : "refunded";
}

/** What pays the order, else what is under way, else what is not refunded yet, else the last. */
function shownAttempt(state: PaymentState): Attempt | undefined {
  const { attempts } = state;
  return (
    accepted(state) ??
    attempts.find(({ status }) => status === "live") ??
    attempts.find(
      ({ status, reference, amount }) => status === "captured" && doneOf(state, reference) < amount,
    ) ??
    attempts.at(-1)
  );
}

const accepted = ({ attempts }: PaymentState): Attempt | undefined =>
  attempts.find(({ status, refundRequired }) => status === "captured" && !refundRequired);

const leftOf = ({ attempts, refunds }: PaymentState, reference: string): number =>
  refunds
    .filter(({ attempt }) => attempt === reference)
    .reduce(
      (left, { amount }) => left - amount,
      attempts.find((attempt) => attempt.reference === reference)?.amount ?? 0,
    );

const doneOf = ({ refunds }: PaymentState, reference: string): number =>
  refunds
    .filter(({ attempt, done }) => attempt === reference && done)
    .reduce((sum, { amount }) => sum + amount, 0);

const replace = (
  state: PaymentState,
  reference: string,
  change: (attempt: Attempt) => Attempt,
): PaymentState => ({
  ...state,
  attempts: state.attempts.map((attempt) => (attempt.reference === reference ? change(attempt) : attempt)),
});
