// Measures each attempt of a call, where it is measured at all.

import { meter } from "../../observability/meter.ts";
import { AttemptFailed, type CallAttempt } from "../peer/attempt.ts";
import { MISDIRECTED } from "../peer/peer.ts";
import type { ReplyHead, SendAttempt } from "./call.ts";

/** `send` of `http`, which tells the process's meter how each attempt ended. */
export function observedAttempts<Body, Reply extends ReplyHead>(
  http: SendAttempt<Body, Reply>,
): SendAttempt<Body, Reply> {
  return {
    send: (attempt) => (meter() === undefined ? http.send(attempt) : observed(http, attempt)),
  };
}

async function observed<Body, Reply extends ReplyHead>(
  http: SendAttempt<Body, Reply>,
  attempt: CallAttempt<Body>,
): Promise<Reply> {
  const begun = performance.now();
  let outcome = "error";
  try {
    const reply = await http.send(attempt);
    outcome = reply.status === MISDIRECTED ? "misdirected" : `${Math.floor(reply.status / 100)}xx`;
    return reply;
  } catch (error) {
    if (error instanceof AttemptFailed) outcome = error.kind;
    throw error;
  } finally {
    const seconds = (performance.now() - begun) / 1_000;
    meter()?.attempt(attempt.service, outcome, attempt.no > 1, seconds);
  }
}
