// Deliveries that are recorded with the next write of their aggregate, or a moment later in a write of their own.

import type { AggregateStore } from "../storage/aggregate-store.ts";
import type { Step } from "../storage/deferred-steps.ts";
import { HINT_GRACE_MS } from "./outbox.ts";

/** A delivery is recorded after one to two periods, in milliseconds: before a sweep finds its event due. */
const PERIOD_MS = HINT_GRACE_MS / 4;
/** Number of writes at once, so that requests are not kept waiting. */
const AT_ONCE = 25;

/**
 * Defers the records of deliveries in `store`. Where the next command on the aggregate comes within {@link PERIOD_MS}, its write
 * takes the record along, which saves a write. What a crash loses is delivered again by the sweep, and so is what
 * could not be recorded, which is passed to `failed`.
 */
export class LateRecords<S> {
  readonly #store: Pick<AggregateStore<S>, "defer" | "record">;
  readonly #failed: (error: unknown) => void;
  /** Ids since the last period began, and of the period before. */
  #recent = new Set<string>();
  #old = new Set<string>();
  #timed = false;

  constructor(store: Pick<AggregateStore<S>, "defer" | "record">, failed: (error: unknown) => void) {
    this.#store = store;
    this.#failed = failed;
  }

  /** Has `record` applied to the aggregate `id` later. False when too many wait already. */
  defer(id: string, record: Step<S>): boolean {
    if (!this.#store.defer(id, record)) return false;
    if (!this.#old.has(id)) this.#recent.add(id);
    this.#schedule();
    return true;
  }

  #schedule(): void {
    if (this.#timed || this.#recent.size + this.#old.size === 0) return;
    this.#timed = true;
    setTimeout(() => void this.#periodEnds(), PERIOD_MS);
  }

  async #periodEnds(): Promise<void> {
    const ids = [...this.#old];
    this.#old = this.#recent;
    this.#recent = new Set();
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const writes = ids.slice(from, from + AT_ONCE).map((id) => this.#store.record(id));
      for (const done of await Promise.allSettled(writes))
        if (done.status === "rejected") this.#failed(done.reason);
    }
    this.#timed = false;
    this.#schedule();
  }
}
