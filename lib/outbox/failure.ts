// What the failure of a delivery says: about the event, or about the way to its receiver.

import { PeerRefusal } from "../contract/client.ts";
import { PeerUnavailable } from "../discovery/peer/peer.ts";

/**
 * `away`: the receiver could not be reached or can't work; the event may be sound. `refused`: it answered that this event
 * is not acceptable now. `final`: it will never accept it. `text` may be shown and stored: no secret, no address.
 */
export interface Failure {
  readonly kind: "away" | "refused" | "final";
  readonly text: string;
}

/**
 * Answers that are not about the event: keys that do not fit (401, 403), another listener (421), too much at once (408,
 * 425, 429), a receiver that can't work or a way that does not lead to it (502, 503, 504).
 */
const AWAY = new Set([401, 403, 408, 421, 425, 429, 502, 503, 504]);

/** Whether an answer of this status says nothing about the request itself, so that repeating it may help. */
export const saysAway = (status: number): boolean => AWAY.has(status);

/**
 * Answers to what was sent, which is the same each time: malformed, gone for good, too large, of the wrong type, of values
 * out of range. Not among them: 404 and 405, since a receiver of the version before may lack the route, and 409, since
 * states change.
 */
const FINAL = new Set([400, 410, 413, 415, 422]);

const TEXT_LIMIT = 200;

/** Thrown by a delivery that knows itself what its failure says; see {@link Failure} for both. */
export class DeliveryFailure extends Error {
  readonly kind: Failure["kind"];

  constructor(kind: Failure["kind"], text: string) {
    super(text);
    this.name = "DeliveryFailure";
    this.kind = kind;
  }
}

/** Reads what a delivery threw. An error of this program's own counts as a refusal: the event may be what it can't take. */
export function failureOf(error: unknown): Failure {
  if (error instanceof PeerUnavailable) return { kind: "away", text: shortened(error.message) };
  if (error instanceof DeliveryFailure) return { kind: error.kind, text: shortened(error.message) };
  if (!(error instanceof PeerRefusal)) return { kind: "refused", text: nameOf(error) };
  // What is not a problem document may be anything, so it is not passed on.
  const said = error.code === "unexpected_reply" ? error.message.split(":")[0] : error.message;
  return { kind: kindOf(error.status), text: shortened(said ?? "") };
}

function kindOf(status: number): Failure["kind"] {
  if (saysAway(status)) return "away";
  return FINAL.has(status) ? "final" : "refused";
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "an unknown error";
  return "code" in error ? shortened(`${error.name} ${String(error.code)}`) : error.name;
}

const shortened = (text: string): string =>
  text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text;
