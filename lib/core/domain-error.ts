// The error with which a command is refused: it has a kind and a stable code. It knows nothing of HTTP; see lib/http/problem.ts.

/** One field that is wrong; `path` as in `items.0.quantity`. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** Why a request is refused, in terms that any edge can translate. */
export type ErrorKind =
  /** It can't be read. */
  | "malformed"
  /** The caller is not authenticated. */
  | "unauthenticated"
  /** The caller is known, but may not do this. */
  | "forbidden"
  /** It does not exist, or belongs to someone else. */
  | "not_found"
  /** The current state, or another command that came first, does not allow it. */
  | "conflict"
  /** It existed and was deleted. */
  | "gone"
  /** The caller's decision is based on an older revision. */
  | "stale"
  /** Well-formed, but a value is not acceptable. */
  | "invalid"
  /** The caller has too many requests in progress. */
  | "throttled"
  /** It can't be done now. It had no effect, or repeating it is safe. */
  | "unavailable";

/**
 * A refusal meant for the caller; everything in it is shown to them.
 * `code` is stable and documented, `message` says what to do, in English.
 */
export class DomainError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly errors: readonly FieldError[];
  /** Whole seconds after which the caller should try again; only where `kind` is `unavailable` or `throttled`. */
  readonly retryAfter: number | undefined;

  constructor(
    kind: ErrorKind,
    code: string,
    detail: string,
    { errors = [], retryAfter }: { errors?: readonly FieldError[]; retryAfter?: number } = {},
  ) {
    super(detail);
    this.name = "DomainError";
    this.kind = kind;
    this.code = code;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }
}

export const malformed = (code: string, detail: string): DomainError =>
  new DomainError("malformed", code, detail);

export const unauthenticated = (code: string, detail: string): DomainError =>
  new DomainError("unauthenticated", code, detail);

export const forbidden = (code: string, detail: string): DomainError =>
  new DomainError("forbidden", code, detail);

/** The same error for what does not exist and for what belongs to someone else. */
export const notFound = (what: string): DomainError =>
  new DomainError("not_found", "not_found", `There is no such ${what}.`);

export const conflict = (code: string, detail: string): DomainError =>
  new DomainError("conflict", code, detail);

export const gone = (code: string, detail: string): DomainError => new DomainError("gone", code, detail);

export const stale = (code: string, detail: string): DomainError => new DomainError("stale", code, detail);

export const invalidValue = (code: string, detail: string, errors: readonly FieldError[] = []): DomainError =>
  new DomainError("invalid", code, detail, { errors });

/** The caller's own requests in progress are the reason. @param retryAfter whole seconds. */
export const throttled = (code: string, detail: string, retryAfter = 1): DomainError =>
  new DomainError("throttled", code, detail, { retryAfter });

/**
 * Something that this request needs is unavailable or contended for every instance: no reason for peers to eject this one.
 * @param retryAfter whole seconds.
 */
export const unavailable = (code: string, detail: string, retryAfter = 1): DomainError =>
  new DomainError("unavailable", code, detail, { retryAfter });
