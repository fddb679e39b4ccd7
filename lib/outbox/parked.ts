// What was given up, over all services: to be listed, and to be tried again. Works on the tables of a running system.

import { type AggregateStore, PARKED_SHARDS } from "../storage/aggregate-store.ts";
import type { Outbox } from "./outbox.ts";
import { parkedEvents, resend } from "./outbox.ts";

/** Something that waits for a person. */
export interface Parked {
  readonly service: string;
  /** Id of the order, payment, notification or charge that holds it. */
  readonly aggregate: string;
  readonly kind: "event" | "refund" | "check" | "transaction";
  /** Unique within the aggregate. */
  readonly id: string;
  /** RFC 3339 */
  readonly since: string;
  readonly tries: number;
  readonly error: string;
}

/** What of an aggregate is parked, and how one thing is tried again. Pure. */
export interface Parking<S> {
  list(state: S): readonly Omit<Parked, "service" | "aggregate">[];
  retry(state: S, id: string, now: number): S;
  /** Where a person deals with it elsewhere: records that they did. The same state when that is known. */
  settle?(state: S, now: number): S;
}

export interface ParkedSource {
  readonly service: string;
  /** All that is parked, the next due aggregate first; `limit` at most. */
  list(limit: number): Promise<readonly Parked[]>;
  /**
   * Has what is parked of `aggregate` tried again, all of it or the one thing called `id`. Returns what was; nothing
   * when none is parked (any more). One conditional write.
   * @throws {Problem} 409 when the rules refuse.
   */
  retry(aggregate: string, id?: string): Promise<readonly Parked[]>;
  /** Records that a person has dealt with what is parked of `aggregate`; false when there is nothing of that kind. */
  settle(aggregate: string): Promise<boolean>;
}

const PAGE = 50;

/** What is parked among the aggregates of `store`. */
export function parkedSource<S>(
  service: string,
  store: AggregateStore<S>,
  parking: Parking<S>,
  now: () => number = Date.now,
): ParkedSource {
  const entries = (aggregate: string, state: S) =>
    parking.list(state).map((entry) => ({ service, aggregate, ...entry }));

  async function* ids(): AsyncGenerator<string> {
    for (const shard of PARKED_SHARDS) {
      let after: string | undefined;
      do {
        const page = await store.parked(shard, PAGE, after);
        yield* page.items;
        after = page.next;
      } while (after !== undefined);
    }
  }

  return {
    service,
    async list(limit) {
      const found: Parked[] = [];
      for await (const id of ids()) {
        const state = await store.read(id);
        if (state !== undefined) found.push(...entries(id, state));
        if (found.length >= limit) break;
      }
      return found.slice(0, limit);
    },
    async retry(aggregate, id) {
      let chosen: readonly Parked[] = [];
      const done = await store.change(aggregate, (state) => {
        chosen = entries(aggregate, state).filter((entry) => id === undefined || entry.id === id);
        return chosen.reduce((next, entry) => parking.retry(next, entry.id, now()), state);
      });
      return done?.changed === true ? chosen : [];
    },
    async settle(aggregate) {
      const { settle } = parking;
      if (settle === undefined) return false;
      const done = await store.change(aggregate, (state) => settle(state, now()));
      return done?.changed === true;
    },
  };
}

/** The parking of an aggregate of which nothing but events can be parked. */
export const eventParking = <P, S extends { readonly outbox: Outbox<P> }>(): Parking<S> => ({
  list: (state) =>
    parkedEvents(state.outbox).map((event) => ({
      kind: "event",
      id: event.id,
      since: event.parked_at ?? "",
      tries: event.attempts,
      error: event.last_error ?? "",
    })),
  retry: (state, id, now) => ({ ...state, outbox: resend(state.outbox, id, now) }),
});
