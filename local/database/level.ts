// The ordered key-value store under the database: the part of LevelDB that is used, which an in-memory store can replace.

import type { Item } from "./item.ts";

export type Write = (
  | { readonly type: "put"; readonly key: string; readonly value: string }
  | { readonly type: "del"; readonly key: string }
) & {
  /** What is written, where that is an item: index entries and whatever else there is are none. */
  readonly of?: WrittenItem;
};

export interface WrittenItem {
  readonly table: string;
  /** Undefined: it is removed. */
  readonly item: Item | undefined;
}

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

export interface Rows<T> {
  nextv(size: number): Promise<T[]>;
  all(): Promise<T[]>;
  close(): Promise<void>;
}

export interface Level {
  /** Why the store can't be written now, as text for operators; undefined when it can. */
  readonly writeFailure?: string | undefined;
  getSync(key: string): string | undefined;
  getSync(key: string, options: { snapshot: Snapshot }): string | undefined;
  /** The value as it is stored: its text in UTF-8. */
  bytesSync(key: string, snapshot?: Snapshot): Buffer | undefined;
  values(range: Range & { snapshot?: Snapshot }): Rows<string>;
  keys(range: Range & { snapshot?: Snapshot }): Rows<string>;
  iterator(range: Range & { snapshot?: Snapshot }): Rows<[string, string]>;
  snapshot(): Snapshot;
  batch(writes: Write[]): Promise<void>;
  clear(range: Range): Promise<void>;
  /** Rewrites the files without what was overwritten or deleted; a store in memory has none. */
  compact?(): Promise<void>;
  close(): Promise<void>;
}

/** A store in memory alone. */
export async function openMemory(): Promise<Level> {
  const { MemoryLevel } = await import("memory-level");
  const level = new MemoryLevel<string, string>();
  await level.open();
  return withBytes(level);
}

interface Encoding {
  getSync<K, V>(key: K, options: { snapshot?: Snapshot; valueEncoding: "buffer" }): V | undefined;
}

/** A store of abstract-level as the database uses it. */
export const withBytes = <L extends Encoding>(level: L) =>
  Object.assign(level, {
    bytesSync: (key: string, snapshot?: Snapshot) =>
      level.getSync<string, Buffer>(key, {
        ...(snapshot === undefined ? {} : { snapshot }),
        valueEncoding: "buffer",
      }),
  });

/** `rows`, where a read that fails is rejected with what `explain` makes of its error. */
export function explainingErrors<T>(rows: Rows<T>, explain: (error: unknown) => unknown): Rows<T> {
  const explained = <V>(read: Promise<V>): Promise<V> =>
    read.catch((error) => Promise.reject(explain(error)));
  return {
    nextv: (size) => explained(rows.nextv(size)),
    all: () => explained(rows.all()),
    close: () => rows.close(),
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
