// The sweep of a table: page after page of what is due, all shards by turns, as long as there is time for more.

import { timeLimit } from "../core/time-limit.ts";
import type { Page } from "../storage/table.ts";

/** Where the sweep of each shard goes on: after this range key of `by_due`, with "" at its beginning. */
export type SweepPositions = Readonly<Record<string, string>>;

/** How much of a sweep is done at once. */
export interface SweepBudget {
  /** Whether there is time to begin further work. A sweep begins a page of its first shards whatever this says, so that it gets on. */
  mayBegin(): boolean;
  /** What is swept, and where each shard begins; undefined: all shards, each where the last sweep of this process stopped. */
  readonly from?: SweepPositions;
  /** Told where to go on when something is left; undefined: the next sweep of this process goes on there. */
  readonly goOn?: (left: SweepPositions) => Promise<void>;
}

/** Does all that is due. */
export const UNLIMITED: SweepBudget = { mayBegin: () => true };

export interface SweepSources {
  /** A page of ids that are due in a shard, the longest overdue first. */
  due(shard: string, limit: number, after: string | undefined): Promise<Page<string>>;
  /** Performs what is due of one aggregate. Returns false when it could not. */
  perform(id: string): Promise<boolean>;
  /** Told what kept a whole page from being read. */
  unreadable(error: unknown): void;
  /** Milliseconds after which the next page is begun although some of a page are not done, which they are at the end; by default all are waited for. */
  readonly patienceMs?: number;
}

export interface Swept {
  /** Number of aggregates. */
  readonly count: number;
  /** Where shards go on that were not swept to their end: time was up, or as much had failed as one sweep may try. */
  readonly left: SweepPositions;
}

const PAGE = 25;
/** Shards at once, and with {@link PAGE} aggregates at once. */
const LANES = 8;
/** Aggregates that may be under way of pages before. */
const MOST_BEHIND = 200;
/** Aggregates of a shard that may fail in one sweep: those that stay overdue must not make it endless. */
const MAX_FAILURES = 500;

interface Turn {
  readonly shard: string;
  readonly after: string;
  readonly failures: number;
}

/**
 * Sweeps the shards of `from`: a page of each by turns, so that none waits for the end of another; {@link LANES} at once. What
 * can't be read or performed stops no other. A page that is begun is ended.
 */
export async function sweepShards(
  { due, perform, unreadable, patienceMs }: SweepSources,
  from: SweepPositions,
  mayBegin: () => boolean,
): Promise<Swept> {
  const turns: Turn[] = Object.entries(from).map(([shard, after]) => ({ shard, after, failures: 0 }));
  const left: Record<string, string> = {};
  let count = 0;
  const behind = new Set<Promise<unknown>>();

  /** Resolves when all of `work` is done, or when the next page may begin without it. */
  async function untilNext(work: readonly Promise<unknown>[]): Promise<void> {
    const all = Promise.all(work);
    if (patienceMs === undefined || behind.size >= MOST_BEHIND) return void (await all);
    const limit = timeLimit(patienceMs);
    const patience = new Promise<void>((resolve) => {
      limit.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    for (const one of work) {
      behind.add(one);
      one.finally(() => behind.delete(one)).catch(() => {});
    }
    await Promise.race([all, patience]);
    limit.clear();
  }

  async function pageOf({ shard, after, failures }: Turn): Promise<void> {
    const page = await due(shard, PAGE, after === "" ? undefined : after);
    let failed = failures;
    await untilNext(
      page.items.map(async (id) => {
        if (!(await perform(id))) failed += 1;
      }),
    );
    count += page.items.length;
    if (page.next === undefined) return;
    if (failed < MAX_FAILURES) turns.push({ shard, after: page.next, failures: failed });
    else left[shard] = page.next;
  }

  async function lane(): Promise<void> {
    for (let first = true; first || mayBegin(); first = false) {
      const turn = turns.shift();
      if (turn === undefined) return;
      await pageOf(turn).catch(unreadable);
    }
  }

  await Promise.all(Array.from({ length: LANES }, lane));
  await Promise.all(behind);
  for (const { shard, after } of turns) left[shard] = after;
  return { count, left };
}
