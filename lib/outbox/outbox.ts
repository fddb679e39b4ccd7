// Events that are to be delivered to others, kept in their aggregate by the same write that made them true.

import { exhausted, pauseAfter, type Retry } from "../core/retry.ts";
import type { Failure } from "./failure.ts";

/** One event on its way; `P` is what it carries. */
export interface OutboxEvent<P> {
  /** Unique within the aggregate. */
  readonly id: string;
  readonly payload: P;
  readonly created_at: string;
  /** Deliveries that failed so far. */
  readonly attempts: number;
  /** RFC 3339 time from which the sweep delivers it. */
  readonly next_at: string;
  /** How many of the failures were about this event, as against a receiver that could not be reached. */
  readonly refusals?: number;
  /** The last failure, as it may be shown; see failure.ts. */
  readonly last_error?: string;
  /** RFC 3339 time at which it was given up, until someone has it sent again. */
  readonly parked_at?: string;
  /** RFC 3339 time at which someone had it sent again: from then on its age counts. */
  readonly retried_at?: string;
}

export type Outbox<P> = readonly OutboxEvent<P>[];

/** How long the sweep waits with a new event, since the relay that is hinted right after the write will deliver it. */
export const HINT_GRACE_MS = 1_000;

/**
 * When a failed delivery is tried again: after 1 s, doubled each time, 5 min at most. An event is parked after 20 refusals,
 * which take an hour. Requests to providers have the same pauses.
 */
export const DELIVERY: Retry = { first: 1_000, longest: 300_000, maxTries: 20 };

/** Adds an event. `id` must be new to this aggregate for good, so derive it from what happened. */
export function enqueue<P>(outbox: Outbox<P>, id: string, payload: P, now: number): Outbox<P> {
  const event = { id, payload, created_at: iso(now), attempts: 0, next_at: iso(now + HINT_GRACE_MS) };
  return [...outbox, event];
}

/** Takes out an event that was delivered. Returns the same outbox when it is not there (any more). */
export function delivered<P>(outbox: Outbox<P>, id: string): Outbox<P> {
  return outbox.some((event) => event.id === id) ? outbox.filter((event) => event.id !== id) : outbox;
}

/**
 * Records a failed delivery; the same outbox when the event is not there (any more). It is put off as `plan` says, or
 * parked, see {@link parks}: no longer due, never dropped.
 */
export function failed<P>(
  outbox: Outbox<P>,
  id: string,
  failure: Failure,
  now: number,
  plan: Retry = DELIVERY,
): Outbox<P> {
  if (!outbox.some((event) => event.id === id)) return outbox;
  return outbox.map((event) => {
    if (event.id !== id) return event;
    return {
      ...event,
      attempts: event.attempts + 1,
      next_at: iso(now + pauseAfter(event.attempts + 1, plan)),
      refusals: refusalsAfter(event, failure),
      last_error: failure.text,
      ...(parks(event, failure, now, plan) ? { parked_at: iso(now) } : {}),
    };
  });
}

/**
 * True when this failure of `event` is its last: it can't succeed, or it was refused as often, or is as old, as `plan`
 * allows. A receiver that is away counts as no try.
 */
export function parks<P>(
  event: OutboxEvent<P>,
  failure: Failure,
  now: number,
  plan: Retry = DELIVERY,
): boolean {
  if (failure.kind === "final") return true;
  const tries = failure.kind === "away" ? 0 : refusalsAfter(event, failure);
  return exhausted(tries, now - Date.parse(event.retried_at ?? event.created_at), plan);
}

const refusalsAfter = <P>(event: OutboxEvent<P>, { kind }: Failure): number =>
  (event.refusals ?? 0) + (kind === "away" ? 0 : 1);

/** What was given up: for people to look at. */
export const parkedEvents = <P>(outbox: Outbox<P>): Outbox<P> =>
  outbox.filter((event) => event.parked_at !== undefined);

/** Has a parked event tried again, as if it were new. The same outbox when it is not parked (any more). */
export function resend<P>(outbox: Outbox<P>, id: string, now: number): Outbox<P> {
  if (!parkedEvents(outbox).some((event) => event.id === id)) return outbox;
  return outbox.map((event) => {
    if (event.id !== id) return event;
    const { parked_at: _parked, refusals: _refusals, ...rest } = event;
    return { ...rest, attempts: 0, next_at: iso(now), retried_at: iso(now) };
  });
}

/** Whether a relay that looks at `now` should deliver it: new ones at once, older ones when they are due. */
export const isDue = <P>(event: OutboxEvent<P>, now: number): boolean =>
  event.parked_at === undefined && (event.attempts === 0 || Date.parse(event.next_at) <= now);

/** When the earliest event is due, in epoch milliseconds; undefined when there is none that is not parked. */
export function nextDelivery<P>(outbox: Outbox<P>): number | undefined {
  const waiting = outbox.filter((event) => event.parked_at === undefined);
  return earliest(...waiting.map((event) => Date.parse(event.next_at)));
}

/** The smallest of the times that are given; undefined when none is. */
export function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const given = times.filter((time) => time !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

const iso = (time: number): string => new Date(time).toISOString();
