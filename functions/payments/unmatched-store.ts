// How unmatched transactions are stored: each as an item that counts as parked until it is settled.

import { iso } from "../../lib/core/iso.ts";
import type { Logger } from "../../lib/observability/log.ts";
import { AggregateStore, type Codec } from "../../lib/storage/aggregate-store.ts";
import { dayKeys } from "../../lib/storage/day-index.ts";
import type { Table } from "../../lib/storage/table.ts";
import { describe, type Unmatched, type UnmatchedTransaction, unmatchedTransaction } from "./unmatched.ts";

/**
 * Reports of one provider and day that have a line in the log each. After that there is one line for as many more: who
 * signs that many has the provider's key, and must not fill the logs. All of them are stored.
 */
export const LINES_A_DAY = 100;

const codec: Codec<UnmatchedTransaction> = {
  schemaVersion: 1,
  id: ({ id }) => id,
  index: ({ id, reported_at }) => dayKeys(id, reported_at),
  dueAt: () => undefined,
  parked: ({ settled_at }) => settled_at === null,
  // Items from before there were excerpts have none; the version before ignores them, so the schema is the same.
  stored: { read: (doc) => ({ excerpt: null, ...doc }), write: (state) => state },
};

/**
 * Stores reports of money that no payment takes. There is no limit to their number: a limit would drop money. What is
 * limited is the size of each, and the lines in the log.
 */
export class UnmatchedStore extends AggregateStore<UnmatchedTransaction> {
  /** New reports that this process stored on `day`, by method. */
  #count = { day: "", byMethod: new Map<string, number>() };

  constructor(table: Table) {
    super(table, codec);
  }

  /** Stores a report durably, once, and logs an error the first time. */
  async keep(unmatched: Unmatched, now: number, log: Pick<Logger, "error">): Promise<void> {
    const transaction = unmatchedTransaction(unmatched, now);
    if (!(await this.create(transaction))) return;
    const { id, method } = transaction;
    const count = this.#counted(method, iso(now).slice(0, 10));
    if (count <= LINES_A_DAY) {
      log.error({ unmatched: id, method }, `${describe(transaction)}; it is parked, see npm run outbox`);
    }
    if (count % LINES_A_DAY === 0) {
      log.error(
        { code: "unmatched_flood", method, count },
        `${method} reported money that no payment takes ${count} times today, signed each time. All reports are parked. ` +
          `Unless ${method} can explain them, its signing key is in wrong hands: replace it.`,
      );
    }
  }

  #counted(method: string, day: string): number {
    if (this.#count.day !== day) this.#count = { day, byMethod: new Map() };
    const count = (this.#count.byMethod.get(method) ?? 0) + 1;
    this.#count.byMethod.set(method, count);
    return count;
  }
}

/** Unmatched transactions in `table`. */
export const unmatchedStore = (table: Table): UnmatchedStore => new UnmatchedStore(table);
