// Classifies the failure of a delivery: whether the event is the cause, or the receiver could not be reached.

import { PeerRefusal } from "../contract/client.ts";
import { PeerUnavailable } from "../discovery/peer/peer.ts";

/**
 * `away`: the receiver could not be reached or can't work now; the event may be valid. `refused`: it does not accept this
 * event now. `final`: it will never accept it. `held`: it was not tried, and waits for `retryAfter`. `text` may be shown and stored: it contains no secret and no address.
 */
export interface Failure {
  readonly kind: "away" | "refused" | "final" | "held";
  readonly text: string;
  /** Milliseconds that the receiver asks to wait (`Retry-After`); the next try is not earlier. */
  readonly retryAfter?: number;
}

/**
 * Statuses that say nothing about the event: credentials (401, 403), misdirected (421), overload (408, 425, 429), a receiver
 * that does not work or can't be reached (502, 503, 504).
 */
const AWAY = new Set([401, 403, 408, 421, 425, 429, 502, 503, 504]);

/** Whether a reply with this status says nothing about the request itself, so that repeating it may help. */
export const saysAway = (status: number): boolean => AWAY.has(status);

/**
 * Statuses that a repeated request would get again: malformed, gone, too large, wrong media type, invalid values. Not among
 * them: 404 and 405, since a receiver of the previous version may lack the route, and 409, since states change.
 */
const FINAL = new Set([400, 410, 413, 415, 422]);

const TEXT_LIMIT = 200;

/** Thrown by a delivery that classifies its failure itself; see {@link Failure} for its members. */
export class DeliveryFailure extends Error {
  readonly kind: Failure["kind"];
  readonly retryAfter: number | undefined;

  constructor(kind: Failure["kind"], text: string, retryAfter?: number) {
    super(text);
    this.name = "DeliveryFailure";
    this.kind = kind;
    this.retryAfter = retryAfter;
  }
}

/** Classifies what a delivery threw. An unknown error counts as `refused`: this program may be unable to handle the event. */
export function failureOf(error: unknown): Failure {
  if (error instanceof PeerUnavailable) return { kind: "away", text: shortened(error.message) };
  if (error instanceof DeliveryFailure) {
    const { kind, retryAfter } = error;
    return { kind, text: shortened(error.message), ...(retryAfter === undefined ? {} : { retryAfter }) };
  }
  if (!(error instanceof PeerRefusal)) return { kind: "refused", text: nameOf(error) };
  // The text of a reply that is no problem document may contain anything, so it is not used.
  const said = error.code === "unexpected_reply" ? error.message.split(":")[0] : error.message;
  return { kind: failureKindOf(error.status), text: shortened(said ?? "") };
}

/** What a reply with this status, which is no success, says about the event. */
export function failureKindOf(status: number): Failure["kind"] {
  if (saysAway(status)) return "away";
  return FINAL.has(status) ? "final" : "refused";
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "an unknown error";
  return "code" in error ? shortened(`${error.name} ${String(error.code)}`) : error.name;
}

const shortened = (text: string): string =>
  text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text;
