// Limits for the clients of a listener. Times in milliseconds.

export interface HttpLimits {
  /** From the start of a connection, or a request's first byte, until its head has arrived. */
  readonly headMs: number;
  /** Until the whole request has arrived. */
  readonly requestMs: number;
  /**
   * For which a connection without a request may be used again, as clients are told. It is closed after twice this time, so that none
   * of them uses one that is closing.
   */
  readonly idleMs: number;
  /** Neither side sends a byte. */
  readonly silentMs: number;
  readonly connections: number;
  readonly headBytes: number;
}

/** Both sides are silent while a request is under way: longer than any answer is waited for. */
const SILENT_MS = 120_000;

/** What every HTTP port takes, by LISTENER_WAIT_SECONDS and LISTENER_CONNECTIONS: their values were checked at the start. */
export function httpLimits(env: NodeJS.ProcessEnv = process.env): HttpLimits {
  const waitMs = waitMsOf(env);
  return {
    headMs: waitMs,
    requestMs: 6 * waitMs,
    idleMs: waitMs / 2,
    silentMs: SILENT_MS,
    connections: connectionsOf(env),
    headBytes: 16 * 1024,
  };
}

/** Idle limit where only this system's own clients keep connections. */
export const keptIdleMs = (env: NodeJS.ProcessEnv = process.env): number => 6 * waitMsOf(env);

/** The largest body of a request to the API: API Gateway's limit. */
export const API_BODY_BYTES = 10 * 1024 * 1024;

export interface TcpLimits {
  readonly connections: number;
  /** Until the client's first byte. */
  readonly firstMs: number;
  /** Neither side sends a byte. */
  readonly silentMs: number;
  /** All of a connection. */
  readonly totalMs: number;
}

/** What every other TCP port takes, `connections` at most. */
export function tcpLimits(connections: number, env: NodeJS.ProcessEnv = process.env): TcpLimits {
  const waitMs = waitMsOf(env);
  return {
    connections: Math.min(connections, connectionsOf(env)),
    firstMs: waitMs,
    silentMs: 6 * waitMs,
    totalMs: 15 * waitMs,
  };
}

const waitMsOf = (env: NodeJS.ProcessEnv): number => Number(env["LISTENER_WAIT_SECONDS"] || 10) * 1_000;
const connectionsOf = (env: NodeJS.ProcessEnv): number => Number(env["LISTENER_CONNECTIONS"] || 2_000);
