// Translates a peer's refusal for our caller.

import { PeerRefusal } from "../../lib/contract/client.ts";
import { DomainError, type ErrorKind, unavailable } from "../../lib/core/domain-error.ts";
import { kindOfStatus } from "../../lib/http/problem.ts";

/** Refusals by the peer's rules are passed on to the caller. */
const PASSED_ON = new Set<ErrorKind>(["not_found", "conflict", "invalid"]);

/** The error for our caller: a refusal by the peer's rules as it is, any other failure of the peer as unavailable. */
export function errorForCaller(error: unknown): unknown {
  if (!(error instanceof PeerRefusal)) return error;
  const kind = kindOfStatus(error.status);
  if (kind !== undefined && PASSED_ON.has(kind)) return new DomainError(kind, error.code, error.detail);
  if (error.status < 500 && error.status !== 421 && error.status !== 429) return error;
  const detail = "Another service can't answer now; try again.";
  return unavailable("peer_unavailable", detail, error.retryAfter);
}
