// Delivering an outbox: each due event once, all outcomes recorded in one write.

import type { Scope } from "../core/scope.ts";
import { type Failure, failureOf } from "./failure.ts";
import { delivered, failed, isDue, type Outbox, type OutboxEvent, parks } from "./outbox.ts";

/** What is to be recorded: which events went out, which are put off, and what their receivers' answers call for. */
export interface Deliveries<S, P> {
  /** The outbox of the then stored state without what was delivered. */
  settle(outbox: Outbox<P>): Outbox<P>;
  /** What receivers' answers ask the aggregate to do, in order. */
  readonly followUps: readonly ((state: S) => S)[];
}

/**
 * Sends every new event, and every older one that is due, through `send`, in parallel: receivers do not depend on the
 * order. `send` may return what its receiver's answer asks of the aggregate. A failed one is put off, or parked after
 * `limit` refusals, and logged; one that is parked is an error in the log, once.
 * Returns undefined when there was nothing to send.
 */
export async function deliverAll<S, P>(
  outbox: Outbox<P>,
  now: number,
  scope: Scope,
  send: (event: OutboxEvent<P>) => Promise<((state: S) => S) | undefined>,
  limit?: number,
): Promise<Deliveries<S, P> | undefined> {
  const due = outbox.filter((event) => isDue(event, now));
  if (due.length === 0) return undefined;
  const done: string[] = [];
  const failures: [id: string, failure: Failure][] = [];
  const followUps: ((state: S) => S)[] = [];
  await Promise.all(
    due.map(async (event) => {
      try {
        const followUp = await send(event);
        done.push(event.id);
        if (followUp) followUps.push(followUp);
      } catch (error) {
        const failure = failureOf(error);
        failures.push([event.id, failure]);
        const entry = { err: error, event: event.id, attempts: event.attempts + 1 };
        if (parks(event, failure, limit)) scope.log.error(entry, "an event is parked; see npm run outbox");
        else scope.log.warn(entry, "an event could not be delivered yet");
      }
    }),
  );
  return {
    settle: (current) =>
      failures.reduce(
        (rest, [id, failure]) => failed(rest, id, failure, now, limit),
        done.reduce((rest, id) => delivered(rest, id), current),
      ),
    followUps,
  };
}
