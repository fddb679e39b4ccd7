// One attempt of a call: a request to one instance, its time limit, and how it can fail.

import { type AttemptTime, startAttemptTimer } from "./attempt-timer.ts";
import type { PeerRequest, PeerRoute } from "./peer.ts";

export interface Attempt<Body = string> extends AttemptTime {
  readonly origin: string;
  readonly path: string;
  readonly method: PeerRequest["method"];
  readonly headers: Record<string, string>;
  readonly body: Body | undefined;
  readonly signal: AbortSignal | undefined;
}

/** An attempt with what is known of its call. */
export interface CallAttempt<Body = string> extends Attempt<Body> {
  /** The service that calls. */
  readonly caller: string;
  /** The service that is called. */
  readonly service: string;
  /** 1 for the first attempt of its call. */
  readonly no: number;
  /** True when the request may be sent again. */
  readonly retryable: boolean;
  /** The declared route, where it is for services only. */
  readonly route?: PeerRoute | undefined;
}

/** The largest body of a reply that is taken. */
export const MAX_REPLY_BYTES = 10 * 1024 * 1024;

/** A request that got no reply. */
export class AttemptFailed extends Error {
  readonly code = "attempt_failed";
  /** False when nothing was sent: the request had no effect. */
  readonly sent: boolean;
  /** `unreachable`: no connection. `timeout`: the attempt's limit. `broken`: the connection ended. `cancelled`: by the caller. */
  readonly kind: "unreachable" | "timeout" | "broken" | "cancelled";

  constructor(kind: AttemptFailed["kind"], sent: boolean, reason: string, cause?: unknown) {
    super(reason, { cause });
    this.name = "AttemptFailed";
    this.kind = kind;
    this.sent = sent;
  }
}

/**
 * Calls `fail` when the attempt's time limit is over, and when its caller gives up; at once if it has already. Returns a
 * function that ends the watch.
 */
export function watchAttempt(
  attempt: Pick<Attempt<unknown>, "timeout" | "moreTime" | "signal">,
  fail: (kind: "timeout" | "cancelled", reason: string) => void,
): () => void {
  const stopTimer = startAttemptTimer(attempt, (waited) => fail("timeout", `no reply within ${waited} ms`));
  const { signal } = attempt;
  if (signal === undefined) return stopTimer;
  const cancel = () => fail("cancelled", "the caller gave up");
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  return () => {
    stopTimer();
    signal.removeEventListener("abort", cancel);
  };
}
