// The outbox: events to be delivered, stored in their aggregate by the same write that made them true.

import { iso } from "../core/iso.ts";
import { exhausted, pauseAfter, type Retry } from "../core/retry.ts";
import { activeSpan } from "../observability/span.ts";
import type { Failure } from "./failure.ts";

/** One event that is not delivered yet; `P` is its payload. */
export interface OutboxEvent<P> {
  /** Unique within the aggregate. */
  readonly id: string;
  readonly payload: P;
  readonly created_at: string;
  /** Number of failed deliveries so far. */
  readonly attempts: number;
  /** RFC 3339 time from which the sweep delivers it. */
  readonly next_at: string;
  /** Number of failures that were refusals of this event, not an unreachable receiver. */
  readonly refusals?: number;
  /** Text of the last failure; see failure.ts. */
  readonly last_error?: string;
  /** RFC 3339 time at which it was parked; undefined again after {@link resend}. */
  readonly parked_at?: string;
  /** RFC 3339 time of the last {@link resend}, from which its age is counted. */
  readonly retried_at?: string;
  /** True after it was held back without a try, so that `next_at` counts although there was no failure. */
  readonly held?: true;
  /** The span in which it came about; only where spans were recorded then. */
  readonly traceparent?: string;
}

export type Outbox<P> = readonly OutboxEvent<P>[];

/** Milliseconds until a new event is due for the sweep: normally the relay that is hinted after the write has delivered it by then. */
export const HINT_GRACE_MS = 1_000;

/**
 * The retry plan of deliveries: after 1 s, doubled each time, at most 5 min. An event is parked after 20 refusals, which take
 * about an hour. Requests to providers use the same pauses.
 */
export const DELIVERY: Retry = { first: 1_000, longest: 300_000, maxTries: 20 };

/** The retry plan of an outbox: one for all events, or for each its own. */
export type RetryPlan<P> = Retry | ((event: OutboxEvent<P>) => Retry);

const planFor = <P>(event: OutboxEvent<P>, plan: RetryPlan<P>): Retry =>
  typeof plan === "function" ? plan(event) : plan;

/**
 * Adds an event. `id` must never be used again in this aggregate, so derive it from what happened. `created_at` is when it happened, where
 * that has to be later than what happened before; see lib/core/time-after.ts.
 */
export function enqueue<P>(
  outbox: Outbox<P>,
  id: string,
  payload: P,
  now: number,
  created_at: string = iso(now),
): Outbox<P> {
  const event = { id, payload, created_at, attempts: 0, next_at: iso(now + HINT_GRACE_MS) };
  // From the context, as everywhere: rules that pass it on could forget it, and it decides nothing.
  const traceparent = activeSpan()?.traceparent;
  return [...outbox, traceparent === undefined ? event : { ...event, traceparent }];
}

/** Removes a delivered event. Returns the same outbox when the event is no longer there. */
export function delivered<P>(outbox: Outbox<P>, id: string): Outbox<P> {
  return outbox.some((event) => event.id === id) ? outbox.filter((event) => event.id !== id) : outbox;
}

/**
 * Records a failed delivery: the event is postponed as `plan` and the receiver say, or parked (see {@link parks}), which means no longer due,
 * but never dropped. Returns the same outbox when the event is no longer there.
 */
export function failed<P>(
  outbox: Outbox<P>,
  id: string,
  failure: Failure,
  now: number,
  plan: RetryPlan<P> = DELIVERY,
): Outbox<P> {
  if (!outbox.some((event) => event.id === id)) return outbox;
  return outbox.map((event) => {
    if (event.id !== id) return event;
    const parked = parks(event, failure, now, plan) ? { parked_at: iso(now) } : {};
    if (failure.kind === "held")
      return { ...event, held: true, next_at: iso(now + (failure.retryAfter ?? 0)), ...parked };
    return {
      ...event,
      attempts: event.attempts + 1,
      next_at: iso(
        now + Math.max(pauseAfter(event.attempts + 1, planFor(event, plan)), failure.retryAfter ?? 0),
      ),
      refusals: refusalsAfter(event, failure),
      last_error: failure.text,
      ...parked,
    };
  });
}

/**
 * Whether `event` is parked after this failure: it can't succeed, or it has been refused as often, or is as old, as `plan`
 * allows. An unreachable receiver does not count as a try.
 */
export function parks<P>(
  event: OutboxEvent<P>,
  failure: Failure,
  now: number,
  plan: RetryPlan<P> = DELIVERY,
): boolean {
  if (failure.kind === "final") return true;
  const tries = saysNothing(failure) ? 0 : refusalsAfter(event, failure);
  return exhausted(tries, now - Date.parse(event.retried_at ?? event.created_at), planFor(event, plan));
}

/** Whether it is no refusal of the event. */
const saysNothing = ({ kind }: Failure): boolean => kind === "away" || kind === "held";

const refusalsAfter = <P>(event: OutboxEvent<P>, failure: Failure): number =>
  (event.refusals ?? 0) + (saysNothing(failure) ? 0 : 1);

/** The parked events, which wait for an operator. */
export const parkedEvents = <P>(outbox: Outbox<P>): Outbox<P> =>
  outbox.filter((event) => event.parked_at !== undefined);

/** Makes a parked event due again, as if it were new. Returns the same outbox when the event is not parked. */
export function resend<P>(outbox: Outbox<P>, id: string, now: number): Outbox<P> {
  if (!parkedEvents(outbox).some((event) => event.id === id)) return outbox;
  return outbox.map((event) => {
    if (event.id !== id) return event;
    const { parked_at: _parked, refusals: _refusals, held: _held, ...rest } = event;
    return { ...rest, attempts: 0, next_at: iso(now), retried_at: iso(now) };
  });
}

/** Whether a relay should deliver the event at `now`: a new one at once, a failed one when it is due. */
export const isDue = <P>(event: OutboxEvent<P>, now: number): boolean =>
  event.parked_at === undefined &&
  ((event.attempts === 0 && event.held !== true) || Date.parse(event.next_at) <= now);

/** When the first event is due, in epoch milliseconds; undefined when no event waits, parked ones not counted. */
export function nextDelivery<P>(outbox: Outbox<P>): number | undefined {
  const waiting = outbox.filter((event) => event.parked_at === undefined);
  return earliest(...waiting.map((event) => Date.parse(event.next_at)));
}

/** The smallest of the defined times; undefined when none is defined. */
export function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const given = times.filter((time) => time !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
