// Group commit: writes that arrive while a batch is being written form the next batch, so that many small writes need one
// write to the disk.

import type { Callback } from "./dynalite.ts";
import type { Level, Write } from "./level.ts";

interface Commit {
  readonly writes: readonly Write[];
  readonly done: Callback;
}

/** Called with all writes once they are durable; after a failure, when they may be, with `stored` false. It must not throw. */
export type OnWritten = (writes: readonly Write[], stored: boolean) => void;

/**
 * Writes to `level`, in the order of the calls. The writes of one call become durable together or not at all: they are
 * one record of LevelDB's log. "Durable" means handed to the operating system before `done` is called: it survives
 * `kill -9` of this process, not a power cut (that would need an fsync per batch).
 */
export class Commits {
  readonly #level: Level;
  readonly #onWritten: OnWritten;
  #waiting: Commit[] = [];
  #writing = false;

  constructor(level: Level, onWritten: OnWritten = () => {}) {
    this.#level = level;
    this.#onWritten = onWritten;
  }

  write(writes: readonly Write[], done: Callback): void {
    this.#waiting.push({ writes, done });
    if (!this.#writing) this.#next();
  }

  #next(): void {
    const commits = this.#waiting;
    if (commits.length === 0) return;
    this.#waiting = [];
    this.#writing = true;
    const writes = commits.flatMap((commit) => commit.writes);
    const settle = (error: Error | null) => {
      this.#writing = false;
      this.#onWritten(writes, error === null);
      this.#next();
      for (const commit of commits) commit.done(error);
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
