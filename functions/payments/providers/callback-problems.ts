// What a provider's callback is refused for.

import { DomainError, type ErrorKind, unauthenticated } from "../../../lib/core/domain-error.ts";
import { STATUS_OF } from "../../../lib/http/problem.ts";

/** 401: not signed at all, or not in the way this provider signs. */
export const signatureMissing = (detail: string): DomainError => unauthenticated("signature_missing", detail);

/** 401: signed by someone else, or changed since. */
export const signatureInvalid = (): DomainError =>
  unauthenticated("signature_invalid", "The callback's signature does not hold.");

/** 400: what was signed can't be opened. */
export const malformed = (): DomainError =>
  new DomainError("malformed", "callback_malformed", "The callback is signed, but can't be read.");

/** 400: it is about another merchant's or application's payments. */
export const notOurs = (): DomainError =>
  new DomainError("malformed", "callback_not_ours", "The callback is for another merchant or application.");

const REFUSED = ["malformed", "unauthenticated", "not_found", "conflict"] as const;

/** The HTTP status that tells a provider that its callback was refused for good; undefined: our own trouble, it may come again. */
export function refusalStatus(kind: ErrorKind): (typeof STATUS_OF)[(typeof REFUSED)[number]] | undefined {
  const refused = REFUSED.find((known) => known === kind);
  return refused && STATUS_OF[refused];
}
