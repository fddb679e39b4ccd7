// What one service needs in order to call another: a name and a request go in, a reply comes out.

/** A request to a service that is known by name only. Services send JSON text; a gateway may have bodies of its own kind. */
export interface PeerRequest<Body = string> {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** Path with query, beginning with `/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** True when the request may be sent again, to another instance: GET, or a command that carries its own key. */
  readonly retryable: boolean;
  /** Monotonic milliseconds (`performance.now()`) after which the caller no longer waits. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
}

export interface PeerReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Sends a request to a healthy instance of `service`. Throws {@link PeerUnavailable} when none could be reached in time. */
export type CallPeer = (service: string, request: PeerRequest) => Promise<PeerReply>;

/** No instance of the service answered within the deadline; nothing is known to have had an effect unless `maybeSent`. */
export class PeerUnavailable extends Error {
  readonly code = "peer_unavailable";
  readonly service: string;
  /** True when a request left this process but its reply was not seen. */
  readonly maybeSent: boolean;
  /** When asking again makes sense, in milliseconds, if the instances said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    service: string,
    reason: string,
    options: { maybeSent: boolean; retryAfterMs?: number | undefined; cause?: unknown },
  ) {
    super(`${service} is not available: ${reason}`, { cause: options.cause });
    this.name = "PeerUnavailable";
    this.service = service;
    this.maybeSent = options.maybeSent;
    this.retryAfterMs = options.retryAfterMs;
  }
}
