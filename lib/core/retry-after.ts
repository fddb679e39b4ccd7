// The cool-down a peer asks for by `Retry-After`. Source: RFC 9110, 10.2.3 (Retry-After) and 15.6.4 (503).

/**
 * A reply header of this system: what a 503 concerns, if not all requests, so that the instance needs no cool-down. `request`: that one
 * alone. `connections`: the instance holds as many live connections as it can; it is healthy, and serves all other requests.
 */
export const RETRY_SCOPE = {
  name: "cfmp-retry-scope",
  request: "request",
  connections: "connections",
} as const;

/** Whether the reply says that the instance can take no further live connection, and nothing else. */
export const isFullOfConnections = ({ status, headers }: RefusalHead): boolean =>
  status === 503 && headers[RETRY_SCOPE.name] === RETRY_SCOPE.connections;

interface RefusalHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * The cool-down in milliseconds that this reply asks for: `Retry-After` of a 503, given in seconds or as a date, at most
 * `longest`. Undefined when the reply asks for none.
 *
 * @param now epoch milliseconds.
 */
export function coolDownOf(
  { status, headers }: RefusalHead,
  now: number,
  longest: number,
): number | undefined {
  if (status !== 503 || headers[RETRY_SCOPE.name] !== undefined) return undefined;
  return retryAfter(headers["retry-after"], now, longest);
}

/**
 * The pause in milliseconds that the header `Retry-After` asks for, in seconds or as a date, at most `longest`. Undefined when it
 * asks for none.
 *
 * @param now epoch milliseconds.
 */
export function retryAfter(text: string | undefined, now: number, longest: number): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = /^\s*\d+\s*$/.test(text) ? Number(text) * 1_000 : httpDate(text) - now;
  return milliseconds > 0 ? Math.min(milliseconds, longest) : undefined;
}

/** Epoch milliseconds of a date in one of the forms of RFC 9110, 5.6.7, the oldest of which does not say that it is GMT; NaN for other text. */
function httpDate(text: string): number {
  if (!/^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return Number.NaN;
  return Date.parse(/GMT\s*$/.test(text) ? text : `${text} GMT`);
}
