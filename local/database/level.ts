// The ordered key-value store below: what is used of LevelDB, so that memory can stand in for the disk.

import { mkdir } from "node:fs/promises";
import { DatabaseStartError } from "./errors.ts";

export type Write =
  | { readonly type: "put"; readonly key: string; readonly value: string }
  | { readonly type: "del"; readonly key: string };

export interface Snapshot {
  close(): Promise<void>;
}

export interface Range {
  readonly gte?: string;
  readonly gt?: string;
  readonly lte?: string;
  readonly lt?: string;
  readonly reverse?: boolean;
  /** Most rows to read; -1: no limit. */
  readonly limit?: number;
}

interface Rows<T> {
  nextv(size: number): Promise<T[]>;
  all(): Promise<T[]>;
  close(): Promise<void>;
}

export interface Level {
  getSync(key: string): string | undefined;
  getSync(key: string, options: { snapshot: Snapshot }): string | undefined;
  values(range: Range & { snapshot?: Snapshot }): Rows<string>;
  iterator(range: Range): Rows<[string, string]>;
  snapshot(): Snapshot;
  batch(writes: Write[]): Promise<void>;
  clear(range: Range): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the store in the folder `path`, creating it if need be; in memory without one.
 * @throws {DatabaseStartError} if the folder is held by another process, or cannot be read, written or understood.
 */
export async function openLevel(path: string | undefined): Promise<Level> {
  if (path === undefined) {
    const { MemoryLevel } = await import("memory-level");
    const level = new MemoryLevel<string, string>();
    await level.open();
    return level;
  }
  const { ClassicLevel } = await import("classic-level");
  try {
    await mkdir(path, { recursive: true });
    const level = new ClassicLevel<string, string>(path);
    await level.open();
    return level;
  } catch (error) {
    throw explained(path, error);
  }
}

function explained(path: string, error: unknown): DatabaseStartError {
  const { code, message } = deepest(error);
  if (code === "LEVEL_LOCKED") {
    return new DatabaseStartError(
      "database_path_locked",
      `The data in ${path} is in use by another process. Stop that process, or set DATA_DIR to another folder.`,
      error,
    );
  }
  if (code === "LEVEL_CORRUPTION") {
    return new DatabaseStartError(
      "database_corrupt",
      `The data in ${path} is damaged (${message}). Move the folder away to start empty, or put a copy of it back.`,
      error,
    );
  }
  return new DatabaseStartError(
    "database_path_unusable",
    `The data folder ${path} cannot be used (${message}). Make it readable and writable, or set DATA_DIR to another folder.`,
    error,
  );
}

/** LevelDB's own error is the cause of the one that opening fails with. */
function deepest(error: unknown): { code: string; message: string } {
  if (typeof error !== "object" || error === null) return { code: "", message: String(error) };
  if ("cause" in error && error.cause) return deepest(error.cause);
  return {
    code: "code" in error ? String(error.code) : "",
    message: "message" in error ? String(error.message) : "unknown cause",
  };
}

/** The part of `range` (or all) that lies under `prefix`. */
export function within(prefix: string, range: Range = {}): Range {
  const { gt, gte, lt, lte, reverse = false, limit = -1 } = range;
  const from = gt !== undefined ? { gt: prefix + gt } : { gte: prefix + (gte ?? "") };
  const to =
    lte !== undefined
      ? { lte: prefix + lte }
      : { lt: lt !== undefined ? prefix + lt : `${prefix}\u{10ffff}` };
  return { ...from, ...to, reverse, limit };
}
