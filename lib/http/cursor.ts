// Opaque list cursors, signed for one user and one query.

import { openText, sealText } from "../auth/signed-text.ts";
import { live } from "../config/live.ts";
import { malformed } from "../core/domain-error.ts";

/** The keys of cursors: the first signs, all open. */
export type CursorKeys = readonly Uint8Array[];

/** A cursor with `after`, the range key at which a page ended, signed for the list that `scope` names (user, filters, order). */
export const sealCursor = (keys: CursorKeys, scope: readonly string[], after: string): string =>
  sealText(keys, scope, after);

/** The range key in `cursor`. @throws {DomainError} malformed `cursor_invalid` when it was not made for this list. */
export function openCursor(keys: CursorKeys, scope: readonly string[], cursor: string): string {
  const after = openText(keys, scope, cursor);
  if (after !== undefined) return after;
  throw malformed("cursor_invalid", "The cursor belongs to another list; start without a cursor.");
}

/** Where a list request is among the pages of its list. */
export interface Pages {
  /** Size of this page: the requested one, within the operator's limit. */
  readonly limit: number;
  /** Range key at which the previous page ended; undefined for the first page. */
  readonly after: string | undefined;
  /** The `next_cursor` for a page that ended at `next`; null on the last page. */
  cursor(next: string | undefined): string | null;
}

/** The page parameters of a request: `pageQuery` of lib/contract. */
export interface PageRequest {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/**
 * The pages of the list that `scope` names, continued at `cursor`.
 * @throws {DomainError} malformed `cursor_invalid`.
 */
export function pagesOf(keys: CursorKeys, scope: readonly string[], { limit, cursor }: PageRequest): Pages {
  const { page_size_default, page_size_max } = live();
  return {
    limit: Math.min(limit ?? page_size_default, page_size_max),
    after: cursor === undefined ? undefined : openCursor(keys, scope, cursor),
    cursor: (next) => (next === undefined ? null : sealCursor(keys, scope, next)),
  };
}
