// When a provider is asked how an attempt stands, besides what it tells by itself. Pure.

import { pauseAfter, type Retry } from "../../lib/core/retry.ts";
import { DELIVERY } from "../../lib/outbox/outbox.ts";
import type { Attempt, PaymentMethod } from "./payment.ts";

/** Both in milliseconds; undefined: not at all. */
export interface CheckPlan {
  /** How long after its beginning a live attempt is asked about first; then again after as long, twice as long, … */
  readonly whileLive: number | undefined;
  /** How long after its time is over an attempt that captured nothing is asked about for the last time. */
  readonly afterEnd: number | undefined;
}

const MINUTE = 60_000;
const LONGEST_WAIT_MS = 5 * MINUTE;

/**
 * A callback may never arrive. And Alipay can't close what it has not heard of: a payer who opens a cancelled page
 * still pays, so what has ended is asked about once more when nothing can be paid any longer.
 */
export const CHECK_PLANS: Readonly<Record<PaymentMethod, CheckPlan>> = {
  // Repeats its callbacks until they are taken, and keeps closed what it has closed.
  sandbox: { whileLive: undefined, afterEnd: undefined },
  alipay: { whileLive: 30_000, afterEnd: 10 * MINUTE },
  wechat_pay: { whileLive: 30_000, afterEnd: 10 * MINUTE },
};

type Live = Pick<Attempt, "method" | "expires_at" | "checks">;

/** When a live attempt is asked about next; while it may still be paid, not later than at its end. */
export function nextLiveCheck({ method, expires_at, checks }: Live, now: number): number {
  const end = Date.parse(expires_at);
  if (now >= end) return now + pauseAfter(checks + 1, DELIVERY);
  const { whileLive } = CHECK_PLANS[method];
  if (whileLive === undefined) return end;
  const plan: Retry = { first: whileLive, longest: LONGEST_WAIT_MS };
  return Math.min(now + pauseAfter(checks + 1, plan), end);
}

/** When an attempt that ends at `now` without a capture is asked about for the last time; undefined: never. */
export function lastCheck({ method, expires_at }: Live, now: number): number | undefined {
  const { afterEnd } = CHECK_PLANS[method];
  return afterEnd === undefined ? undefined : Math.max(now, Date.parse(expires_at)) + afterEnd;
}

/** When an attempt is to be asked about, in epoch milliseconds; undefined when it is not. */
export function checkDue(attempt: Attempt): number | undefined {
  if (attempt.check_at === null || attempt.status === "captured") return undefined;
  const ended = attempt.status === "failed" || attempt.status === "closed";
  if (ended && CHECK_PLANS[attempt.method].afterEnd === undefined) return undefined;
  return Date.parse(attempt.check_at);
}
