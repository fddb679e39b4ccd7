// Snapshots: the registry's last list of each service, on disk, for a restart while the registry is down.

import fs, { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { once } from "../../core/once.ts";
import { replaceFile, TEMPORARY } from "../../files/replace-file.ts";
import { sealed, unsealed } from "../../files/sealed.ts";
import { isMissing } from "../../files/system-error.ts";
import type { Log } from "../../observability/log.ts";
import type { Instance } from "../registry/registry.ts";

export interface Snapshot {
  readonly instances: readonly Instance[];
  /** Milliseconds since the registry last confirmed the list; exact to the minute. */
  readonly ageMs: number;
}

/** No method throws: calls must not fail because of a snapshot. */
export interface Snapshots {
  read(service: string): Snapshot | undefined;
  /** Stores a list of the registry, in the background. */
  save(service: string, instances: readonly Instance[]): void;
  /** Resolves when everything is on disk. */
  close(): Promise<void>;
}

export interface FileSnapshotsOptions {
  readonly folder: string;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly clock?: () => number;
  /** Changes within this many milliseconds are written together. */
  readonly debounceMs?: number;
}

/** An unchanged list is written again only this often, to record when it was last confirmed. */
const TOUCH_EVERY_MS = 60_000;

/** What is written for so long is written by nobody any more. */
const LEFT_AFTER_MS = 60_000;

const snapshotFile = once(() =>
  z.object({
    version: z.literal(1),
    instances: z
      .array(
        z.object({
          service: z.string(),
          host: z.string(),
          port: z.int().min(1).max(65_535),
          weight: z.number(),
          healthy: z.boolean(),
          enabled: z.boolean(),
          metadata: z.record(z.string(), z.string()),
        }),
      )
      .min(1),
  }),
);

interface Kept {
  text: string;
  writtenAt: number;
  timer: NodeJS.Timeout | undefined;
  /** The last write: writes run one after another. */
  done: Promise<void>;
}

/**
 * Snapshots in one file per service. Processes that share the folder write lists of the same registry, and each write
 * replaces the whole file, so the last one is right. A damaged file is ignored.
 */
export class FileSnapshots implements Snapshots {
  readonly #options: Required<FileSnapshotsOptions>;
  readonly #kept = new Map<string, Kept>();
  #complained = false;
  #tidied = false;

  constructor({ clock = Date.now, debounceMs = 200, ...options }: FileSnapshotsOptions) {
    this.#options = { clock, debounceMs, ...options };
  }

  read(service: string): Snapshot | undefined {
    const path = this.#path(service);
    try {
      const { mtimeMs } = statSync(path);
      const { instances } = snapshotFile().parse(unsealed(path, readFileSync(path, "utf8")));
      return { instances, ageMs: Math.max(0, this.#options.clock() - mtimeMs) };
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      this.#options.log.warn({ err: cause, path }, "the snapshot of instances can't be read");
      return undefined;
    }
  }

  save(service: string, instances: readonly Instance[]): void {
    const text = sealed({ version: 1, instances });
    const now = this.#options.clock();
    const kept = this.#kept.get(service) ?? {
      text: "",
      writtenAt: 0,
      timer: undefined,
      done: Promise.resolve(),
    };
    this.#kept.set(service, kept);
    // The clock may have been set back since the file was written.
    if (text === kept.text && Math.abs(now - kept.writtenAt) < TOUCH_EVERY_MS) return;
    const touch = text === kept.text;
    kept.text = text;
    kept.writtenAt = now;
    if (touch) this.#inTurn(kept, () => fs.promises.utimes(this.#path(service), now / 1_000, now / 1_000));
    else kept.timer ??= setTimeout(() => this.#flush(service, kept), this.#options.debounceMs).unref();
  }

  async close(): Promise<void> {
    for (const [service, kept] of this.#kept) if (kept.timer !== undefined) this.#flush(service, kept);
    await Promise.all([...this.#kept.values()].map(({ done }) => done));
  }

  #flush(service: string, kept: Kept): void {
    clearTimeout(kept.timer);
    kept.timer = undefined;
    const { text } = kept;
    this.#inTurn(kept, async () => {
      await replaceFile(this.#path(service), text);
      if (this.#tidied) return;
      this.#tidied = true;
      await removeLeft(this.#options.folder, this.#options.clock() - LEFT_AFTER_MS);
    });
  }

  #inTurn(kept: Kept, work: () => Promise<void>): void {
    kept.done = kept.done.then(work).catch((cause: unknown) => {
      kept.text = "";
      if (this.#complained) return;
      this.#complained = true;
      const { folder } = this.#options;
      this.#options.log.warn({ err: cause, folder }, "the snapshot of instances can't be written");
    });
  }

  #path(service: string): string {
    return join(this.#options.folder, `${fileName(service)}.json`);
  }
}

/** Removes what processes that ended while they wrote have left in `folder` before `time`. */
async function removeLeft(folder: string, time: number): Promise<void> {
  const names = await fs.promises.readdir(folder).catch(() => []);
  for (const path of names.filter((name) => name.endsWith(TEMPORARY)).map((name) => join(folder, name))) {
    // Another process may have removed it meanwhile.
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: time };
    if (mtimeMs < time) await fs.promises.rm(path, { force: true }).catch(() => {});
  }
}

/** The folder below `dataDir` for the lists of one `place` in a registry: server, namespace, group, cluster. */
export function snapshotFolder(dataDir: string, ...place: readonly string[]): string {
  return join(dataDir, "discovery", place.map(fileName).join(","));
}

const fileName = (text: string): string => encodeURIComponent(text).replaceAll("*", "%2A");
