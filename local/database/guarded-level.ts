// A store on disk that acknowledges nothing it might lose. After a write that failed, LevelDB goes on behind a torn
// record, and drops all of that at its next start. Here nothing is written any more until the store was opened anew and
// everything acknowledged was found in it; that is tried until it succeeds. Until then it can be read.

import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../shared/log.ts";
import { type Disk, realDisk } from "./disk.ts";
import { DatabaseUnavailable } from "./errors.ts";
import { explainingErrors, type Level, type Range, type Rows, type Snapshot, type Write } from "./level.ts";
import { deepest } from "./leveldb.ts";
import { COUNT_KEY, openVerified, type VerifiedLevel } from "./verified-level.ts";
import { isLasting, reasonOf } from "./write-failure.ts";

const FIRST_TRY_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const CLEARED_AT_ONCE = 1_000;

/** Opens the store in the folder `path`, creating it if need be. @throws {DatabaseStartError} */
export async function openGuarded(path: string, log: Log, disk: Disk = realDisk): Promise<Level> {
  return new GuardedLevel(path, log, disk, await openVerified(path, { log, disk }));
}

class GuardedLevel implements Level {
  readonly #path: string;
  readonly #log: Log;
  readonly #disk: Disk;
  /** Undefined while it is being opened anew. */
  #open: VerifiedLevel | undefined;
  #count: number;
  #writeFailure: string | undefined;
  /** Batches are written one after the other, as each is counted. */
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

  values(range: Range & { snapshot?: Snapshot }): Rows<string> {
    return this.#watched(this.#level.values(range));
  }

  iterator(range: Range): Rows<[string, string]> {
    return this.#watched(this.#level.iterator(range));
  }

  snapshot(): Snapshot {
    return this.#level.snapshot();
  }

  /** Resolves when the writes are handed to the operating system, and noted as acknowledged. */
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

  /** A read may also fail because the store is just being opened anew; that is no failure of the disk. */
  #unreadable(error: unknown): unknown {
    const { code } = deepest(error);
    if (code === "LEVEL_CORRUPTION" || code === "LEVEL_IO_ERROR") return this.#failed(error);
    return this.#writeFailure === undefined ? error : this.#unavailable();
  }

  /** Begins to recover. A write that has failed may be stored or not; its caller gets what is returned. */
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
        // Only then is it closed, so that it can be read as long as nothing else can be done.
        await this.#disk.requireRoom(this.#path);
        await this.#shut();
        const settings = { log: this.#log, disk: this.#disk, acknowledged: this.#count };
        const opened = await openVerified(this.#path, settings);
        this.#open = opened;
        this.#count = opened.count;
        this.#writeFailure = undefined;
        this.#log("info", "The database was opened anew, and has all that was acknowledged");
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
    this.#log("error", `The database takes no writes until it was opened anew and checked: ${reason}`, {
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
