// Group commit: writes that arrive while a batch is being written form the next batch, so that many small writes need one
// write to the disk.

import type { Callback } from "./dynalite.ts";
import type { Level, Write } from "./level.ts";

interface Commit {
  readonly writes: readonly Write[];
  readonly done: Callback;
  /** Resolves when it is stored or has failed; only where somebody waits for that. */
  settled?: PromiseWithResolvers<void>;
}

/** Called with all writes once they are durable; after a failure, when they may be, with `stored` false. It must not throw. */
export type OnWritten = (writes: readonly Write[], stored: boolean) => void;

/**
 * Writes to `level`, in the order of the calls. The writes of one call become durable together or not at all: they are
 * one record of LevelDB's log. "Durable" means handed to the operating system before `done` is called: it survives
 * `kill -9` of this process, not a power cut (that would need an fsync per batch).
 */
export class Commits {
  readonly #level: Pick<Level, "batch">;
  readonly #onWritten: OnWritten;
  #waiting: Commit[] = [];
  #writing: readonly Commit[] = [];

  constructor(level: Pick<Level, "batch">, onWritten: OnWritten = () => {}) {
    this.#level = level;
    this.#onWritten = onWritten;
  }

  write(writes: readonly Write[], done: Callback): void {
    this.#waiting.push({ writes, done });
    if (this.#writing.length === 0) this.#next();
  }

  /**
   * For a read that is to see what was written before it came: resolves when all writes so far, of keys for which `concerns` is true, are
   * stored or have failed. Undefined when none is under way.
   */
  underWay(concerns: (key: string) => boolean): Promise<void> | undefined {
    const last = lastOf(this.#waiting, concerns) ?? lastOf(this.#writing, concerns);
    if (last === undefined) return undefined;
    last.settled ??= Promise.withResolvers();
    return last.settled.promise;
  }

  #next(): void {
    const commits = this.#waiting;
    if (commits.length === 0) return;
    this.#waiting = [];
    this.#writing = commits;
    const writes = commits.flatMap((commit) => commit.writes);
    const settle = (error: Error | null) => {
      this.#writing = [];
      this.#onWritten(writes, error === null);
      this.#next();
      for (const commit of commits) {
        commit.done(error);
        commit.settled?.resolve();
      }
    };
    this.#level
      .batch(writes)
      .then(
        () => null,
        (error: Error) => error,
      )
      .then(settle);
  }
}

const lastOf = (commits: readonly Commit[], concerns: (key: string) => boolean): Commit | undefined =>
  commits.findLast(({ writes }) => writes.some(({ key }) => concerns(key)));
