// Lists what is parked in a table, and retries it. Works on the tables of a running system.

import type { AggregateStore } from "../storage/aggregate-store.ts";
import { PARKED_SHARDS } from "../storage/due-shards.ts";
import type { Outbox } from "./outbox.ts";
import { parkedEvents, resend } from "./outbox.ts";

/** Something parked, which waits for an operator. */
export interface Parked {
  /** Short name of the table: `orders`. */
  readonly table: string;
  /** Id of the order, payment, notification or charge that holds it. */
  readonly aggregate: string;
  readonly kind: "event" | "refund" | "check" | "transaction";
  /** Unique within the aggregate. */
  readonly id: string;
  /** RFC 3339 */
  readonly since: string;
  readonly tries: number;
  readonly error: string;
  /** What another system sent, for the person who resolves it; untrusted, but safe to show. */
  readonly text?: string;
}

/** Lists what is parked in an aggregate, and makes one entry due again. Pure. */
export interface Parking<S> {
  list(state: S): readonly Omit<Parked, "table" | "aggregate">[];
  retry(state: S, id: string, now: number): S;
  /** For what a person resolves elsewhere: records that it is resolved. Returns the same state if that is recorded already. */
  settle?(state: S, now: number): S;
}

export interface ParkedSource {
  readonly table: string;
  /** What is parked, the next due aggregate first; at most `limit` entries. */
  list(limit: number): Promise<readonly Parked[]>;
  /**
   * Makes what is parked in `aggregate` due again, all of it or only the entry `id`. Returns those entries; none if nothing
   * is parked (any more). One conditional write.
   * @throws {DomainError} conflict when the rules refuse.
   */
  retry(aggregate: string, id?: string): Promise<readonly Parked[]>;
  /** Records that a person has resolved what is parked in `aggregate`; false when there is nothing of that kind. */
  settle(aggregate: string): Promise<boolean>;
}

const PAGE = 50;

/** Access to what is parked in the aggregates of `store`. */
export function parkedSource<S>(
  table: string,
  store: AggregateStore<S>,
  parking: Parking<S>,
  now: () => number = Date.now,
): ParkedSource {
  const entries = (aggregate: string, state: S) =>
    parking.list(state).map((entry) => ({ table, aggregate, ...entry }));

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
    table,
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

/** The {@link Parking} of an aggregate in which only events can be parked. */
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
