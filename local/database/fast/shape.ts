// What a shape is, and what it works with.

import type { Body } from "../body.ts";
import type { Commits } from "../commits.ts";
import type { Callback, TableDescription } from "../dynalite.ts";
import type { keyLock } from "../key-lock.ts";
import type { Level } from "../level.ts";
import type { NewIndexes } from "../new-indexes.ts";
import type { KeptPages } from "./kept-pages.ts";
import type { PlainTable } from "./plain-table.ts";

/** The store below both ways to answer a request. */
export interface Storage {
  readonly level: Level;
  readonly commits: Commits;
  readonly pages: KeptPages;
  readonly tableDb: { active(name: string): TableDescription | undefined };
  readonly indexes: NewIndexes;
  getItemDb(table: string): { readonly lock: ReturnType<typeof keyLock> };
}

/** The pages that were read lately, for those who read pages. */
export type Pages = Pick<KeptPages, "find" | "mark" | "keep">;

export interface Access {
  readonly level: Level;
  readonly commits: Pick<Commits, "write" | "underWay">;
  readonly pages: Pages;
  readonly indexes: NewIndexes;
  /** The table of this name, if it is there and of the form that the shapes know. */
  table(name: unknown): PlainTable | undefined;
  /** The lock of a table's items, which dynalite's actions take as well. */
  lockOf(table: string): ReturnType<typeof keyLock>;
}

/** Answers a request with the reply's JSON or an error, or passes it on to dynalite: it had no effect then. */
export type Work = (done: Callback<Body>, pass: () => void) => void;

/**
 * Recognises a request, parsed from JSON, and returns the work that answers it. Undefined, and the request unchanged, when
 * anything about it is not exactly as expected: dynalite answers it then.
 */
export type Shape = (request: unknown, access: Access) => Work | undefined;
