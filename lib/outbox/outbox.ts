// Events that an aggregate owes to others, kept in the aggregate by the same write that made them true.

/** One event on its way; `P` is a union of payloads told apart by `to` and `type`. */
export interface OutboxEvent<P> {
  /** Unique within the aggregate. */
  readonly id: string;
  readonly payload: P;
  readonly created_at: string;
  /** Deliveries that failed so far. */
  readonly attempts: number;
  /** RFC 3339 time before which the sweep leaves it alone. */
  readonly next_at: string;
}

export type Outbox<P> = readonly OutboxEvent<P>[];

/** How long the sweep leaves what is new to the relay that is hinted right after the write. */
export const HINT_GRACE_MS = 1_000;
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 300_000;

/** Adds an event. `id` must be new to this aggregate for good, so derive it from what happened. */
export function enqueue<P>(outbox: Outbox<P>, id: string, payload: P, now: number): Outbox<P> {
  const event = { id, payload, created_at: iso(now), attempts: 0, next_at: iso(now + HINT_GRACE_MS) };
  return [...outbox, event];
}

/** Takes out an event that was delivered. Returns the same outbox when it is not there (any more). */
export function delivered<P>(outbox: Outbox<P>, id: string): Outbox<P> {
  return outbox.some((event) => event.id === id) ? outbox.filter((event) => event.id !== id) : outbox;
}

/** Puts an event off after a failed delivery: 1 s, doubled each time, 5 min at most. */
export function postponed<P>(outbox: Outbox<P>, id: string, now: number): Outbox<P> {
  return outbox.map((event) => {
    if (event.id !== id) return event;
    return { ...event, attempts: event.attempts + 1, next_at: iso(now + backoff(event.attempts)) };
  });
}

/** How long to wait after a failure that `failures` others came before, in milliseconds: 1 s, doubled, 5 min at most. */
export const backoff = (failures: number): number => Math.min(FIRST_DELAY_MS * 2 ** failures, MAX_DELAY_MS);

/** When the earliest event is due, in epoch milliseconds; undefined when there is none. */
export function nextDelivery<P>(outbox: Outbox<P>): number | undefined {
  return earliest(...outbox.map((event) => Date.parse(event.next_at)));
}

/** The smallest of the times that are given; undefined when none is. */
export function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const given = times.filter((time) => time !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

const iso = (time: number): string => new Date(time).toISOString();
