// Opaque list cursors, bound to the user and the query they were given for.

import { createHmac, timingSafeEqual } from "node:crypto";
import { live } from "../config/live.ts";
import { malformed } from "../core/domain-error.ts";

/** Seals `after`, the range key a page ended at, for the list that `scope` names (user, filters, order), with a key of this system. */
export function sealCursor(key: Uint8Array, scope: readonly string[], after: string): string {
  const payload = Buffer.from(after).toString("base64url");
  return `${payload}.${signature(key, scope, payload)}`;
}

/** @throws {DomainError} malformed `cursor_invalid` when it was not sealed for this very list. */
export function openCursor(key: Uint8Array, scope: readonly string[], cursor: string): string {
  const [payload = "", given = "", ...rest] = cursor.split(".");
  const expected = Buffer.from(signature(key, scope, payload));
  const actual = Buffer.from(given);
  if (rest.length > 0 || actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
    throw malformed("cursor_invalid", "The cursor was not given for this list; start without one.");
  }
  return Buffer.from(payload, "base64url").toString("utf8");
}

/** A list's place in its pages. */
export interface Pages {
  /** Most entries of this page: what was asked for, within what the operator allows. */
  readonly limit: number;
  /** Range key at which the page before ended; undefined for the first page. */
  readonly after: string | undefined;
  /** What `next_cursor` answers when a page ended at `next`. */
  cursor(next: string | undefined): string | null;
}

/** What a request says of its page; `pageQuery` of lib/contract. */
export interface PageRequest {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/**
 * The pages of the list that `scope` names, from where `cursor` says.
 * @throws {DomainError} malformed `cursor_invalid`.
 */
export function pagesOf(key: Uint8Array, scope: readonly string[], { limit, cursor }: PageRequest): Pages {
  const { page_size_default, page_size_max } = live();
  return {
    limit: Math.min(limit ?? page_size_default, page_size_max),
    after: cursor === undefined ? undefined : openCursor(key, scope, cursor),
    cursor: (next) => (next === undefined ? null : sealCursor(key, scope, next)),
  };
}

function signature(key: Uint8Array, scope: readonly string[], payload: string): string {
  return createHmac("sha256", key)
    .update(JSON.stringify([scope, payload]))
    .digest("base64url")
    .slice(0, 22);
}
