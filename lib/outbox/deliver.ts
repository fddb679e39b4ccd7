// Delivering an outbox: each due event once, all outcomes recorded in one write.

import type { Scope } from "../http/scope.ts";
import { delivered, type Outbox, type OutboxEvent, postponed } from "./outbox.ts";

/** What is to be recorded: which events went out, which are put off, and what their receivers' answers call for. */
export interface Deliveries<S, P> {
  /** The outbox of the then stored state without what was delivered. */
  settle(outbox: Outbox<P>): Outbox<P>;
  /** What receivers' answers ask the aggregate to do, in order. */
  readonly followUps: readonly ((state: S) => S)[];
}

/**
 * Sends every new event, and every older one that is due, through `send`, in parallel: receivers do not depend on the
 * order. `send` may return what its receiver's answer asks of the aggregate. A failed one is put off and logged.
 * Returns undefined when there was nothing to send.
 */
export async function deliverAll<S, P>(
  outbox: Outbox<P>,
  now: number,
  scope: Scope,
  send: (event: OutboxEvent<P>) => Promise<((state: S) => S) | undefined>,
): Promise<Deliveries<S, P> | undefined> {
  const due = outbox.filter((event) => event.attempts === 0 || Date.parse(event.next_at) <= now);
  if (due.length === 0) return undefined;
  const done: string[] = [];
  const failed: string[] = [];
  const followUps: ((state: S) => S)[] = [];
  await Promise.all(
    due.map(async (event) => {
      try {
        const followUp = await send(event);
        done.push(event.id);
        if (followUp) followUps.push(followUp);
      } catch (error) {
        failed.push(event.id);
        scope.log.warn(
          { err: error, event: event.id, attempts: event.attempts + 1 },
          "an event could not be delivered yet",
        );
      }
    }),
  );
  return {
    settle: (current) =>
      failed.reduce(
        (rest, id) => postponed(rest, id, now),
        done.reduce((rest, id) => delivered(rest, id), current),
      ),
    followUps,
  };
}
