// What a peer's refusal means to our caller.

import { PeerRefusal } from "../../lib/contract/client.ts";
import { Problem, unavailable } from "../../lib/core/problem.ts";

const PASSED_ON = new Set([404, 409, 422]);

/** The refusal as this service's own answer: the rules of the peer count as ours, its troubles make us unavailable. */
export function passOn(error: unknown): unknown {
  if (!(error instanceof PeerRefusal)) return error;
  if (PASSED_ON.has(error.status)) return new Problem(error.status, error.code, error.detail);
  if (error.status < 500 && error.status !== 421 && error.status !== 429) return error;
  const detail = "Another service can't answer at the moment; try again.";
  return unavailable("peer_unavailable", detail, error.retryAfter);
}
