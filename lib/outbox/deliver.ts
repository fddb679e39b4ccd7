// Delivers an outbox: sends each due event once, and returns one step that records all outcomes.

import type { Scope } from "../core/scope.ts";
import { type DeliveryOutcome, meter } from "../observability/meter.ts";
import { after, type Step } from "../storage/deferred-steps.ts";
import { asDelivery } from "./delivery-span.ts";
import { type Failure, failureOf } from "./failure.ts";
import {
  DELIVERY,
  delivered,
  failed,
  isDue,
  type Outbox,
  type OutboxEvent,
  parks,
  type RetryPlan,
} from "./outbox.ts";

/** What was performed for an aggregate and is not recorded yet. */
export interface Performed<S> {
  /** The step that records it. */
  readonly record: Step<S>;
  /**
   * True when all of it may be performed again without harm, and nothing else follows from it: then recording it may wait for
   * the aggregate's next write.
   */
  readonly repeatable: boolean;
}

/** The events of one sequence are delivered in the order of the outbox; those for which it is undefined, in any order. */
export type SequenceOf<P> = (payload: P) => string | undefined;

/**
 * Sends every new event of `state`, and every older one that is due, by `send`, in a scope of the event's trace: in parallel, but the events of one sequence one
 * after another. While one of a sequence waits because its receiver is away, those behind it wait, too; one that was refused, or is parked, holds
 * up nobody. When the event was delivered, the step to which `send` resolves is applied to the aggregate. An event that failed is
 * postponed or parked, as `plan` says, and logged; parking is logged once, as an error.
 * Returns the step that records all of this (it returns the same state when nothing is left to record); undefined when no
 * event was due. It is repeatable when it only removes delivered events, because receivers deduplicate.
 */
export async function deliverOutbox<P, S extends { readonly outbox: Outbox<P> }>(
  state: S & { readonly outbox: Outbox<P> },
  now: number,
  scope: Scope,
  send: (event: OutboxEvent<P>, scope: Scope) => Promise<Step<S> | undefined>,
  plan: RetryPlan<P> = DELIVERY,
  sequenceOf: SequenceOf<P> = () => undefined,
): Promise<Performed<S> | undefined> {
  if (!state.outbox.some((event) => isDue(event, now))) return undefined;
  const done: string[] = [];
  const failures: [id: string, failure: Failure][] = [];
  const followUps: Step<S>[] = [];
  const measured = (outcome: DeliveryOutcome, { created_at }: OutboxEvent<P>) =>
    meter()?.delivery(scope.service, outcome, Math.max(0, now - Date.parse(created_at)) / 1_000);
  /** Sends it, and returns until when those behind it in its sequence wait. */
  async function deliver(event: OutboxEvent<P>): Promise<number> {
    try {
      const followUp = await asDelivery(event, scope, (own) => send(event, own));
      measured("delivered", event);
      done.push(event.id);
      if (followUp) followUps.push(followUp);
      return 0;
    } catch (error) {
      const failure = failureOf(error);
      failures.push([event.id, failure]);
      const entry = { err: error, event: event.id, attempts: event.attempts + 1 };
      const parked = parks(event, failure, now, plan);
      measured(parked ? "parked" : "postponed", event);
      if (parked) scope.log.error(entry, "an event is parked; see npm run outbox");
      else if (failure.kind !== "held") scope.log.warn(entry, "an event could not be delivered yet");
      return Math.max(...failed([event], event.id, failure, now, plan).map(holdsUpUntil));
    }
  }
  await Promise.all(
    sequences(state.outbox, sequenceOf).map(async (sequence) => {
      let notBefore = 0;
      for (const event of sequence) {
        if (notBefore === 0) notBefore = isDue(event, now) ? await deliver(event) : holdsUpUntil(event);
        else if (isDue(event, now))
          failures.push([event.id, { kind: "held", text: "", retryAfter: notBefore - now }]);
      }
    }),
  );
  const withOutcomes = (outbox: Outbox<P>): Outbox<P> =>
    failures.reduce(
      (rest, [id, failure]) => failed(rest, id, failure, now, plan),
      done.reduce((rest, id) => delivered(rest, id), outbox),
    );
  const record: Step<S> = (current) => {
    const outbox = withOutcomes(current.outbox);
    const recorded = outbox === current.outbox ? current : { ...current, outbox };
    return after(recorded, followUps);
  };
  return { record, repeatable: failures.length === 0 && followUps.length === 0 };
}

/** Until when those behind it in its sequence wait, in epoch milliseconds; 0 when they need not. */
const holdsUpUntil = ({ parked_at, refusals = 0, next_at }: OutboxEvent<unknown>): number =>
  parked_at === undefined && refusals === 0 ? Date.parse(next_at) : 0;

/** The events that are not parked, by sequence; one that belongs to none is one of its own. */
function sequences<P>(outbox: Outbox<P>, sequenceOf: SequenceOf<P>): readonly OutboxEvent<P>[][] {
  const named = new Map<string, OutboxEvent<P>[]>();
  const all: OutboxEvent<P>[][] = [];
  for (const event of outbox) {
    if (event.parked_at !== undefined) continue;
    const name = sequenceOf(event.payload);
    const known = name === undefined ? undefined : named.get(name);
    if (known !== undefined) {
      known.push(event);
      continue;
    }
    const begun = [event];
    all.push(begun);
    if (name !== undefined) named.set(name, begun);
  }
  return all;
}
