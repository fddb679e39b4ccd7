// Opaque list cursors, bound to the user and the query they were given for.

import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { Position } from "../storage/table.ts";
import { Problem } from "./problem.ts";

const position = z.record(z.string(), z.string());

/** Seals `after` for the list that `scope` names (user, filters, order), with a key of this system. */
export function sealCursor(key: Uint8Array, scope: readonly string[], after: Position): string {
  const payload = Buffer.from(JSON.stringify(after)).toString("base64url");
  return `${payload}.${signature(key, scope, payload)}`;
}

/** @throws {Problem} 400 `cursor_invalid` when it was not sealed for this very list. */
export function openCursor(key: Uint8Array, scope: readonly string[], cursor: string): Position {
  const [payload = "", given = "", ...rest] = cursor.split(".");
  const expected = Buffer.from(signature(key, scope, payload));
  const actual = Buffer.from(given);
  if (rest.length > 0 || actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
    throw new Problem(400, "cursor_invalid", "The cursor was not given for this list; start without one.");
  }
  return position.parse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8")));
}

function signature(key: Uint8Array, scope: readonly string[], payload: string): string {
  return createHmac("sha256", key)
    .update(JSON.stringify([scope, payload]))
    .digest("base64url")
    .slice(0, 22);
}
