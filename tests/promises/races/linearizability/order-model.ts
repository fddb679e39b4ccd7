// An order as one client at a time would see it.

import type { Model } from "./checker.ts";

export type OrderInput =
  | { readonly do: "read" | "cancel" | "complete" }
  | { readonly do: "remark"; readonly to: string }
  | { readonly do: "total"; readonly to: string }
  /** A request to PaymentService, which asks the order for a lease. */
  | { readonly do: "pay" }
  /** An event of PaymentService, some time after it recorded a capture, ended an attempt or refunded everything. */
  | { readonly do: "apply event"; readonly event: "captured" | "ended" | "refunded" };

export interface OrderShown {
  readonly status: string;
  readonly version: number;
  readonly remark: string;
  readonly total: string;
}

export interface OrderOutput {
  /** `ok`, or the code of the refusal. */
  readonly answer: string;
  readonly shown?: OrderShown;
}

export interface OrderState extends OrderShown {
  /** Whether a payment was ever begun, and whether one may be under way. */
  readonly begun: boolean;
  readonly live: boolean;
}

export const orderModel = (initial: OrderShown): Model<OrderState, OrderInput, OrderOutput> => ({
  initial: { ...initial, begun: false, live: false },
  step(state, input, output) {
    if (input.do === "apply event") return applyEvent(state, input.event);
    if (input.do === "pay") return pay(state, output);
    const { answer, next } = command(state, input);
    // Without an answer it may have been done, or not.
    if (output === undefined) return [next, state];
    return output.answer === answer && matches(next, output.shown) ? [next] : [];
  },
});

type Command = Exclude<OrderInput, { do: "apply event" } | { do: "pay" }>;

function command(state: OrderState, input: Command): { answer: string; next: OrderState } {
  const refuse = (answer: string) => ({ answer, next: state });
  const accept = (changes: Partial<OrderState>) => ({ answer: "ok", next: changed(state, changes) });
  switch (input.do) {
    case "read":
      return { answer: "ok", next: state };
    case "cancel":
      return state.status === "pending" ? accept({ status: "cancelled" }) : refuse("order_not_cancellable");
    case "complete":
      return state.status === "paid" ? accept({ status: "completed" }) : refuse("order_not_completable");
    case "remark":
      return state.status === "pending" ? accept({ remark: input.to }) : refuse("order_not_editable");
    case "total":
      if (state.status !== "pending") return refuse("order_not_editable");
      return state.live ? refuse("payment_in_progress") : accept({ total: input.to });
  }
}

function pay(state: OrderState, output: OrderOutput | undefined): readonly OrderState[] {
  const pending = state.status === "pending";
  const next = { ...(state.begun ? state : changed(state, {})), begun: true, live: true };
  if (output === undefined) return pending ? [next, state] : [state];
  // It gives the lease back, unless another request may rely on it.
  if (output.answer === "too_many_attempts") return pending ? [next, state] : [];
  // Whatever else PaymentService refused it for, the order had given a lease.
  const refused = output.answer === "order_not_payable";
  if (refused) return pending ? [] : [state];
  return pending ? [next] : [];
}

/** An event that comes late or has no effect is left out of the history. */
function applyEvent(state: OrderState, event: "captured" | "ended" | "refunded"): readonly OrderState[] {
  if (event === "ended") return state.live ? [{ ...state, live: false }] : [];
  if (event === "captured") {
    if (state.status !== "pending" || !state.begun) return [];
    // One of another amount does not pay it; no attempt is under way then, either.
    return [changed(state, { status: "paid", live: false }), { ...state, live: false }];
  }
  return ["paid", "completed"].includes(state.status) ? [changed(state, { status: "refunded" })] : [];
}

const changed = (state: OrderState, changes: Partial<OrderState>): OrderState => ({
  ...state,
  ...changes,
  version: state.version + 1,
});

const matches = (state: OrderState, shown: OrderShown | undefined): boolean =>
  shown === undefined ||
  (shown.status === state.status &&
    shown.version === state.version &&
    shown.remark === state.remark &&
    shown.total === state.total);
