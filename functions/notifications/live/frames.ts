// What is sent on a live connection, and what its client sends: JSON texts.

import * as z from "zod";
import { malformed } from "../../../lib/core/domain-error.ts";
import { parseStrictJson } from "../../../lib/http/strict-json.ts";

/** The subprotocol of version 1 of these frames. */
export const LIVE_PROTOCOL = "cfmp.v1";

/** From the service. */
export type Frame =
  | { readonly type: "notification"; readonly position: number; readonly notification: object }
  /** The notification at this position was deleted. */
  | { readonly type: "deleted"; readonly position: number; readonly id: string }
  /** All positions up to this one were sent; from now on the next ones come when they are recorded. */
  | { readonly type: "ready"; readonly position: number }
  /** It can't be continued from the position that was asked for: read the list, then continue from this one. */
  | { readonly type: "reset"; readonly position: number }
  | { readonly type: "pong" }
  | { readonly type: "error"; readonly code: string; readonly detail: string };

interface Entry {
  readonly position: number;
  readonly id: string;
  readonly notification: object | null;
}

/** The frame of an entry of the feed; `notification` is null when it was deleted. */
export function frameOf({ position, id, notification }: Entry): Frame {
  return notification === null
    ? { type: "deleted", position, id }
    : { type: "notification", position, notification };
}

const position = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** From a client. `since` starts it: without a position from now on. `ping` names the last position that arrived. */
const message = z.discriminatedUnion("type", [
  z.object({ type: z.literal("since"), position: position.optional() }),
  z.object({ type: z.literal("ping"), position: position.optional() }),
]);

export type Message = z.output<typeof message>;

/**
 * Reads the text as strictly as a request's body.
 * @throws {DomainError} malformed `message_malformed` for JSON that is no message; for other text what {@link parseStrictJson} throws.
 */
export function readMessage(text: string): Message {
  const parsed = message.safeParse(parseStrictJson(text));
  if (parsed.success) return parsed.data;
  throw malformed("message_malformed", 'Send {"type":"since","position":…} or {"type":"ping","position":…}.');
}
