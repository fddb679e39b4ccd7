// When the status of an attempt is queried at its provider, besides the provider's callbacks. Pure.

import { pauseAfter, type Retry } from "../../lib/core/retry.ts";
import { DELIVERY } from "../../lib/outbox/outbox.ts";
import { PROVIDERS } from "./payment-method.ts";
import type { AttemptStatus } from "./payment-status.ts";
import type { CheckPlan } from "./providers/definition.ts";

const MINUTE = 60_000;
const LONGEST_WAIT_MS = 5 * MINUTE;

const NONE: CheckPlan = { whileLive: undefined, afterEnd: undefined };
const plans = new Map<string, CheckPlan>(PROVIDERS.map(({ method, checks }) => [method, checks]));

/** A callback may never arrive, so the provider is queried as well; an attempt that has ended may still be paid, so there is a last query. */
const planOf = (method: string): CheckPlan => plans.get(method) ?? NONE;

/** The fields that the times of checks depend on. */
interface Live {
  readonly method: string;
  readonly expires_at: string;
  readonly checks: number;
}

interface Checked extends Live {
  readonly status: AttemptStatus;
  readonly check_at: string | null;
}

/** Time of the next check of a live attempt, in epoch milliseconds; before its end, not later than its end. */
export function nextLiveCheck({ method, expires_at, checks }: Live, now: number): number {
  const end = Date.parse(expires_at);
  if (now >= end) return now + pauseAfter(checks + 1, DELIVERY);
  const { whileLive } = planOf(method);
  if (whileLive === undefined) return end;
  const plan: Retry = { first: whileLive, longest: LONGEST_WAIT_MS };
  return Math.min(now + pauseAfter(checks + 1, plan), end);
}

/** Time of the last check of an attempt that ends at `now` without a capture, in epoch milliseconds; undefined: none. */
export function lastCheck({ method, expires_at }: Live, now: number): number | undefined {
  const { afterEnd } = planOf(method);
  return afterEnd === undefined ? undefined : Math.max(now, Date.parse(expires_at)) + afterEnd;
}

/** An attempt whose provider has not answered for this long after the attempt's time is reported to operators; checks continue. */
const UNANSWERED_MS = 60 * MINUTE;

/** True when the checks of an attempt have had no result for long: the next one is much later than the last planned one. */
export function isUnanswered(attempt: Checked & { readonly ended_at: string | null }): boolean {
  const due = checkDue(attempt);
  if (due === undefined) return false;
  const { method, expires_at, ended_at } = attempt;
  const ended = ended_at === null ? 0 : Date.parse(ended_at) + (planOf(method).afterEnd ?? 0);
  const planned = Math.max(Date.parse(expires_at) + (planOf(method).afterEnd ?? 0), ended);
  return due > planned + UNANSWERED_MS;
}

/** Time of the next check, in epoch milliseconds; undefined when there is none. */
export function checkDue(attempt: Checked): number | undefined {
  if (attempt.check_at === null || attempt.status === "captured") return undefined;
  const ended = attempt.status === "failed" || attempt.status === "closed";
  if (ended && planOf(attempt.method).afterEnd === undefined) return undefined;
  return Date.parse(attempt.check_at);
}
