// Reports tables in which something has become due, so that runtimes need not look every two seconds. What each write makes due
// is noted, and the index is read when that time has come: by then most has been done and is no longer there.

import { dueEntryOf, firstDue } from "./due-index.ts";
import type { Level, Write } from "./level.ts";

/** Milliseconds after which what is still due is reported again. */
export const REPORTED_AGAIN_MS = 2_000;
/** Longest time between two looks at the clock, in milliseconds: it may have been set. */
const LOOK_MS = 30_000;
/** Milliseconds until an index that could not be read is read again. */
const UNREADABLE_MS = 1_000;

export interface DueAlarmPorts {
  readonly level: Pick<Level, "iterator">;
  /** Called with the names of tables in which something is due. It should be cheap, and must not throw. */
  readonly onDue: (tables: readonly string[]) => void;
  /** Epoch milliseconds; by default the system's clock. */
  readonly now?: () => number;
}

export class DueAlarm {
  readonly #level: DueAlarmPorts["level"];
  readonly #onDue: DueAlarmPorts["onDue"];
  readonly #now: () => number;
  /** When something in a table may be due; what has been done meanwhile is not taken off. */
  readonly #dueAt = new Map<string, number>();
  /** Until when a table is not looked at, on the monotonic clock: the time of day may be set back. */
  readonly #quietUntil = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #ringsAt = Number.POSITIVE_INFINITY;
  #looking = false;
  #closed = false;

  constructor({ level, onDue, now = Date.now }: DueAlarmPorts) {
    this.#level = level;
    this.#onDue = onDue;
    this.#now = now;
  }

  /** Begins to watch `tables`, whatever is due in them from before; others are watched from their first write on. */
  watch(tables: readonly string[]): void {
    for (const table of tables) this.#note(table, 0);
    this.#arm();
  }

  /** Notes what `writes`, which are stored, make due. */
  written(writes: readonly Write[]): void {
    for (const write of writes) {
      const entry = dueEntryOf(write);
      if (entry !== undefined) this.#note(entry.table, entry.dueAt);
    }
    this.#arm();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #note(table: string, dueAt: number): void {
    const known = this.#dueAt.get(table);
    if (known === undefined || dueAt < known) this.#dueAt.set(table, dueAt);
  }

  /** Milliseconds until `table` has to be looked at. */
  #waitFor(table: string, dueAt: number): number {
    return Math.max(0, dueAt - this.#now(), (this.#quietUntil.get(table) ?? 0) - performance.now());
  }

  #arm(): void {
    if (this.#looking || this.#closed) return;
    if (this.#dueAt.size === 0) return;
    let wait = LOOK_MS;
    for (const [table, dueAt] of this.#dueAt) wait = Math.min(wait, this.#waitFor(table, dueAt));
    const ringsAt = performance.now() + wait;
    if (this.#timer !== undefined && this.#ringsAt <= ringsAt) return;
    clearTimeout(this.#timer);
    this.#ringsAt = ringsAt;
    this.#timer = setTimeout(() => void this.#look(), wait).unref();
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    this.#looking = true;
    const asked = [...this.#dueAt].filter(([table, dueAt]) => this.#waitFor(table, dueAt) === 0);
    const due: string[] = [];
    for (const [table] of asked) if (await this.#isDue(table, this.#now())) due.push(table);
    this.#looking = false;
    if (this.#closed) return;
    if (due.length > 0) this.#onDue(due);
    this.#arm();
  }

  /** Whether something in `table` is due; notes when the next look is needed. */
  async #isDue(table: string, now: number): Promise<boolean> {
    // First, so that what is written while the index is read is not lost.
    this.#dueAt.delete(table);
    try {
      const first = await firstDue(this.#level, table);
      if (first === undefined) return false;
      this.#note(table, first);
      if (first > now) return false;
      this.#quietUntil.set(table, performance.now() + REPORTED_AGAIN_MS);
      return true;
    } catch {
      this.#note(table, 0);
      this.#quietUntil.set(table, performance.now() + UNREADABLE_MS);
      return false;
    }
  }
}
