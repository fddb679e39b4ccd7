// The port for calls between services: a service name and a request in, a reply out.

/** A request to a service that is known by name only. Services send JSON text; a gateway uses its own type of body. */
export interface PeerRequest<Body = string> {
  /** The service that calls, as calls are counted by it. */
  readonly caller: string;
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** Path and query, beginning with `/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** True when the request may be sent again to another instance: GET, or a command with an idempotency key. */
  readonly retryable: boolean;
  /** Monotonic milliseconds (`performance.now()`) until which the caller waits. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
  /** The declared route, where it is for services only. */
  readonly route?: PeerRoute;
}

/** A route that is for services only. On AWS its function is invoked directly. */
export interface PeerRoute {
  /** Its id, in which its function's name ends. */
  readonly id: string;
  /** As it is declared, with parameters as `{id}`. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
}

/** The status of a listener that is another service or instance than the one that was meant (RFC 9110, 15.5.20). */
export const MISDIRECTED = 421;

export interface PeerReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Sends a request to a healthy instance of `service`. @throws {PeerUnavailable} when none could be reached by the deadline. */
export type CallPeer = (service: string, request: PeerRequest) => Promise<PeerReply>;

/** No instance of the service answered by the deadline. The request had no effect unless `maybeSent`. */
export class PeerUnavailable extends Error {
  readonly code = "peer_unavailable";
  readonly service: string;
  /** True when a request was sent and no reply received: it may have had an effect. */
  readonly maybeSent: boolean;
  /** Milliseconds after which to try again, if the instances gave a `Retry-After`. */
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
