// Rewrites the items of a table that an earlier version wrote, page by page, while the system runs.

import { SCHEMA_UNKNOWN, StorageFault } from "../../lib/storage/errors.ts";

export interface Target {
  /** Short name of the table: `orders`. */
  readonly name: string;
  /** The ids after the id `after`, page by page. */
  pages(after?: string): AsyncGenerator<readonly string[]>;
  /** As {@link AggregateStore.rewrite}. */
  rewrite(id: string, dry: boolean): Promise<"current" | "outdated" | undefined>;
}

export interface Progress {
  /** Number of items read. */
  readonly read: number;
  /** Number of items with an older schema or outdated index keys; rewritten, except in a dry run. */
  readonly outdated: number;
  /** Ids of items that this version can't read; they are not changed. */
  readonly unreadable: readonly string[];
  /** The last id that was read, from which the command can continue. */
  readonly last: string | undefined;
  /** False when it was stopped before the end. */
  readonly complete: boolean;
}

export interface MigrateOptions {
  readonly dry: boolean;
  /** Continue after this id. */
  readonly after?: string | undefined;
  /** Called before each page; true stops. */
  stopped(): boolean;
  onPage(progress: Progress): void;
}

/** Reads every item of `target` and rewrites outdated ones. Safe to repeat, and to run beside the system. */
export async function migrate(target: Target, options: MigrateOptions): Promise<Progress> {
  let progress: Progress = { read: 0, outdated: 0, unreadable: [], last: options.after, complete: false };
  for await (const ids of target.pages(options.after)) {
    if (options.stopped()) return progress;
    const outcomes = await Promise.all(ids.map((id) => outcomeOf(target, id, options.dry)));
    progress = {
      read: progress.read + ids.length,
      outdated: progress.outdated + outcomes.filter((outcome) => outcome === "outdated").length,
      unreadable: [...progress.unreadable, ...ids.filter((_, at) => outcomes[at] === "unreadable")],
      last: ids.at(-1) ?? progress.last,
      complete: false,
    };
    options.onPage(progress);
  }
  return { ...progress, complete: true };
}

async function outcomeOf(target: Target, id: string, dry: boolean) {
  try {
    return await target.rewrite(id, dry);
  } catch (error) {
    if (error instanceof StorageFault && error.reason === SCHEMA_UNKNOWN) return "unreadable" as const;
    throw error;
  }
}
