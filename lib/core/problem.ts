// What a request is refused with: RFC 9457 problem details with a stable `code`.

import { RETRY_SCOPE } from "./retry-after.ts";

/** One field that is wrong; `path` as in `items.0.quantity`. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/**
 * A refusal meant for the caller; everything in it is shown to them.
 * `code` is stable and documented, `detail` says what to do, in English.
 */
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

/** 404, for what does not exist and for what belongs to someone else alike. */
export const notFound = (what: string): Problem => new Problem(404, "not_found", `There is no such ${what}.`);

/** 409: the state of the thing, or another command that came first, forbids it. */
export const conflict = (code: string, detail: string): Problem => new Problem(409, code, detail);

/** 422: well-formed, but a value is not acceptable. */
export const unprocessable = (code: string, detail: string, errors?: readonly FieldError[]): Problem =>
  new Problem(422, code, detail, errors ? { errors } : {});

/**
 * 503 with `Retry-After` (whole seconds): nothing had an effect, or trying again is safe. It is about this request: what it
 * needs is missing or contended, for every instance alike, so peers need not leave this one alone.
 */
export const unavailable = (code: string, detail: string, retryAfter = 1): Problem =>
  new Problem(503, code, detail, {
    headers: { "retry-after": String(retryAfter), [RETRY_SCOPE.name]: RETRY_SCOPE.request },
  });

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Authentication required",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  410: "Gone",
  412: "Precondition failed",
  413: "Body too large",
  415: "Unsupported media type",
  421: "Misdirected request",
  422: "Unprocessable",
  429: "Too many requests",
  500: "Internal error",
  502: "Bad gateway",
  503: "Service unavailable",
  504: "Gateway timeout",
};

/** The body of the reply, as `application/problem+json`. */
export function problemDocument(problem: Problem, traceId: string): Record<string, unknown> {
  return {
    type: "about:blank",
    title: TITLES[problem.status] ?? "Error",
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
    trace_id: traceId,
  };
}
