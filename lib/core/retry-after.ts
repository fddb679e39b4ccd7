// The cool-down a peer asks for by `Retry-After`. Source: RFC 9110, 10.2.3 (Retry-After) and 15.6.4 (503).

/** A reply header of this system: the 503 concerns one request only. The instance is healthy and needs no cool-down. */
export const RETRY_SCOPE = { name: "cfmp-retry-scope", request: "request" } as const;

/**
 * The cool-down in milliseconds that this reply asks for: `Retry-After` of a 503, given in seconds or as a date, at most
 * `longest`. Undefined when the reply asks for none.
 *
 * @param now epoch milliseconds.
 */
export function coolDownOf(
  {
    status,
    headers,
  }: { readonly status: number; readonly headers: Readonly<Record<string, string | undefined>> },
  now: number,
  longest: number,
): number | undefined {
  if (status !== 503 || headers[RETRY_SCOPE.name] === RETRY_SCOPE.request) return undefined;
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
  const milliseconds = /^\s*\d+\s*$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return milliseconds > 0 ? Math.min(milliseconds, longest) : undefined;
}
