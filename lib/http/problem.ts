// RFC 9457 problem details: the only place that knows which HTTP status a refusal has.

import type { DomainError, ErrorKind, FieldError } from "../core/domain-error.ts";
import { RETRY_SCOPE } from "../core/retry-after.ts";
import { readableJson } from "../core/text.ts";

/** A refusal in terms of HTTP; everything in it is shown to the caller. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    options: { errors?: readonly FieldError[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.errors = options.errors ?? [];
    this.headers = options.headers ?? {};
  }
}

/** The HTTP status of each kind of refusal. */
export const STATUS_OF = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  stale: 412,
  invalid: 422,
  throttled: 429,
  unavailable: 503,
} as const satisfies Readonly<Record<ErrorKind, number>>;

/** The kind of refusal with this status; undefined if there is none. */
export const kindOfStatus = (status: number): ErrorKind | undefined =>
  KINDS.find((kind) => STATUS_OF[kind] === status);

const KINDS = Object.keys(STATUS_OF).filter((kind): kind is ErrorKind => kind in STATUS_OF);

/** A rule's refusal in terms of HTTP: its status, and the headers that belong to that status. */
export function problemOf(error: DomainError): Problem {
  return new Problem(STATUS_OF[error.kind], error.code, error.message, {
    errors: error.errors,
    headers: headersOf(error),
  });
}

function headersOf({ kind, code, retryAfter }: DomainError): Readonly<Record<string, string>> {
  // The challenge of RFC 6750.
  if (kind === "unauthenticated") return { "www-authenticate": `Bearer realm="cfmp-order", error="${code}"` };
  if (retryAfter === undefined) return {};
  return { "retry-after": String(retryAfter), [RETRY_SCOPE.name]: RETRY_SCOPE.request };
}

/** Of no specification; proxies, nginx first, log it where the client has closed the connection before the reply. */
export const CLIENT_CLOSED = 499;

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Authentication required",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  408: "Request timeout",
  409: "Conflict",
  410: "Gone",
  412: "Precondition failed",
  413: "Body too large",
  415: "Unsupported media type",
  421: "Misdirected request",
  422: "Unprocessable",
  429: "Too many requests",
  431: "Head too large",
  [CLIENT_CLOSED]: "Client closed the request",
  500: "Internal error",
  501: "Not implemented",
  502: "Bad gateway",
  503: "Service unavailable",
  504: "Gateway timeout",
};

/** The body of the reply, as `application/problem+json`; it may quote the request, so its texts are made readable. */
export function problemJson(problem: Problem, traceId: string): string {
  return readableJson({
    type: "about:blank",
    title: TITLES[problem.status] ?? "Error",
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
    trace_id: traceId,
  });
}
