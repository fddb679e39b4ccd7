// A store on disk that acknowledges no write that it could lose. After a failed write LevelDB continues behind a torn record,
// and drops everything after it at its next start. This store stops writing instead: it reopens LevelDB, verifies that all
// acknowledged writes are there, and repeats that until it succeeds. Until then it can be read.

import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../shared/log.ts";
import { type Disk, realDisk } from "./disk.ts";
import { DatabaseUnavailable } from "./errors.ts";
import { withKnownKeys } from "./known-keys.ts";
import { explainingErrors, type Level, type Range, type Rows, type Snapshot, type Write } from "./level.ts";
import { deepest, FIRST, LAST } from "./leveldb.ts";
import { COUNT_KEY, openVerified, type VerifiedLevel } from "./verified-level.ts";
import { isLasting, reasonOf } from "./write-failure.ts";

const FIRST_TRY_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const CLEARED_AT_ONCE = 1_000;

/** Opens the store in the folder `path`, creating it if need be. @throws {DatabaseStartError} */
export async function openGuarded(path: string, log: Log, disk: Disk = realDisk): Promise<Level> {
  return withKnownKeys(new GuardedLevel(path, log, disk, await openVerified(path, { log, disk })));
}

class GuardedLevel implements Level {
  readonly #path: string;
  readonly #log: Log;
  readonly #disk: Disk;
  /** Undefined while it is being reopened. */
  #open: VerifiedLevel | undefined;
  #count: number;
  #writeFailure: string | undefined;
  /** The last batch: batches are written one after the other, since each is counted. */
  #turn: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();
  #recovering: Promise<void> = Promise.resolve();

  constructor(path: string, log: Log, disk: Disk, opened: VerifiedLevel) {
    this.#path = path;
    this.#log = log;
    this.#disk = disk;
    this.#open = opened;
    this.#count = opened.count;
  }

  get writeFailure(): string | undefined {
    return this.#writeFailure;
  }

  getSync(key: string, options?: { snapshot: Snapshot }): string | undefined {
    try {
      return options ? this.#level.getSync(key, options) : this.#level.getSync(key);
    } catch (error) {
      throw this.#unreadable(error);
    }
  }

  bytesSync(key: string, snapshot?: Snapshot): Buffer | undefined {
    try {
      return this.#level.bytesSync(key, snapshot);
    } catch (error) {
      throw this.#unreadable(error);
    }
  }

  values(range: Range & { snapshot?: Snapshot }): Rows<string> {
    return this.#watched(this.#level.values(range));
  }

  keys(range: Range): Rows<string> {
    return this.#watched(this.#level.keys(range));
  }

  iterator(range: Range): Rows<[string, string]> {
    return this.#watched(this.#level.iterator(range));
  }

  snapshot(): Snapshot {
    return this.#level.snapshot();
  }

  /** Resolves when the operating system has the writes, and they are recorded as acknowledged. */
  batch(writes: Write[]): Promise<void> {
    const turn = this.#turn.then(() => this.#write(writes));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #write(writes: readonly Write[]): Promise<void> {
    const opened = this.#open;
    if (this.#writeFailure !== undefined || opened === undefined) throw this.#unavailable();
    const count = this.#count + 1;
    try {
      await opened.level.batch([...writes, { type: "put", key: COUNT_KEY, value: String(count) }]);
      opened.acknowledged.note(count);
    } catch (error) {
      throw this.#failed(error);
    }
    this.#count = count;
  }

  async clear(range: Range): Promise<void> {
    for (;;) {
      const rows = this.iterator({ ...range, limit: CLEARED_AT_ONCE });
      const found = await rows.all().finally(() => rows.close());
      if (found.length === 0) return;
      await this.batch(found.map(([key]) => ({ type: "del", key })));
    }
  }

  /**
   * Two rounds: LevelDB merges a file only with those of a lower level that it overlaps, and may put a new file directly at a low
   * level, with rows in it that were overwritten since. The rows at both ends of all keys make each round overlap everything.
   */
  async compact(): Promise<void> {
    for (const type of ["put", "del"] as const) {
      await this.batch(
        [FIRST, LAST].map((key) => (type === "put" ? { type, key, value: "" } : { type, key })),
      );
      await this.#turn;
      const opened = this.#open;
      if (opened === undefined) throw this.#unavailable();
      await opened.level.compact?.();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#recovering;
    await this.#shut();
  }

  get #level(): Level {
    if (this.#open === undefined) throw this.#unavailable();
    return this.#open.level;
  }

  #unavailable(): DatabaseUnavailable {
    return new DatabaseUnavailable(this.#writeFailure ?? "Database is not open");
  }

  #watched<T>(rows: Rows<T>): Rows<T> {
    return explainingErrors(rows, (error) => this.#unreadable(error));
  }

  /** A read may also fail because the store is being reopened; that is not a failure of the disk. */
  #unreadable(error: unknown): unknown {
    const { code } = deepest(error);
    if (code === "LEVEL_CORRUPTION" || code === "LEVEL_IO_ERROR") return this.#failed(error);
    return this.#writeFailure === undefined ? error : this.#unavailable();
  }

  /** Starts the recovery. Returns the error for the caller of the failed write, which may have been stored or not. */
  #failed(error: unknown): unknown {
    if (this.#closing.signal.aborted) return error;
    if (this.#writeFailure === undefined) {
      this.#noteFailure(error);
      this.#recovering = this.#recover();
    }
    return this.#unavailable();
  }

  async #recover(): Promise<void> {
    const { signal } = this.#closing;
    for (let pauseMs = FIRST_TRY_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      await sleep(pauseMs, undefined, { ref: false, signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        // Closed only now, so that it can be read for as long as possible.
        await this.#disk.requireRoom(this.#path);
        await this.#shut();
        const settings = { log: this.#log, disk: this.#disk, acknowledged: this.#count };
        const opened = await openVerified(this.#path, settings);
        this.#open = opened;
        this.#count = opened.count;
        this.#writeFailure = undefined;
        this.#log("info", "the database was reopened and has all acknowledged writes");
        return;
      } catch (error) {
        this.#noteFailure(error);
        if (isLasting(error)) return;
      }
    }
  }

  /** Keeps why nothing is written, and logs it when it is another reason than before. */
  #noteFailure(error: unknown): void {
    const reason = reasonOf(error);
    if (reason === this.#writeFailure) return;
    this.#writeFailure = reason;
    this.#log("error", `the database accepts no writes until it is reopened and verified: ${reason}`, {
      error: deepest(error).message,
    });
  }

  async #shut(): Promise<void> {
    await this.#turn;
    const opened = this.#open;
    this.#open = undefined;
    opened?.acknowledged.close();
    await opened?.level.close();
  }
}
