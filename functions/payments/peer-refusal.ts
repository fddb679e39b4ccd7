// What a peer's refusal means to our caller.

import { PeerRefusal } from "../../lib/contract/client.ts";
import { DomainError, type ErrorKind, unavailable } from "../../lib/core/domain-error.ts";
import { kindOfStatus } from "../../lib/http/problem.ts";

/** What the peer's rules refused is refused by ours as well. */
const PASSED_ON = new Set<ErrorKind>(["not_found", "conflict", "invalid"]);

/** The refusal as this service's own answer: the rules of the peer count as ours, its troubles make us unavailable. */
export function passOn(error: unknown): unknown {
  if (!(error instanceof PeerRefusal)) return error;
  const kind = kindOfStatus(error.status);
  if (kind !== undefined && PASSED_ON.has(kind)) return new DomainError(kind, error.code, error.detail);
  if (error.status < 500 && error.status !== 421 && error.status !== 429) return error;
  const detail = "Another service can't answer now; try again.";
  return unavailable("peer_unavailable", detail, error.retryAfter);
}
