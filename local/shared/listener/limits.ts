// What one client may take of a listener. Times in milliseconds.

export interface HttpLimits {
  /** From a connection's begin, or a request's first byte, until the request's head is there. */
  readonly headMs: number;
  /** Until the whole request is there. */
  readonly requestMs: number;
  /** A connection without a request is closed. Clients are told, so that none sends its next one into the closing. */
  readonly idleMs: number;
  /** Neither side sends a byte. */
  readonly silentMs: number;
  readonly connections: number;
  readonly headBytes: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headMs: 10_000,
  requestMs: 60_000,
  idleMs: 5_000,
  silentMs: 120_000,
  connections: 2_000,
  headBytes: 16 * 1024,
};

/** Where only this system's own clients keep connections, those live longer. */
export const KEPT_IDLE_MS = 60_000;

/** The largest body of a request to the API, as API Gateway takes it. */
export const API_BODY_BYTES = 10 * 1024 * 1024;

export interface TcpLimits {
  readonly connections: number;
  /** Until the client's first byte. */
  readonly firstMs: number;
  /** Neither side sends a byte; 0: for ever. */
  readonly silentMs: number;
}
