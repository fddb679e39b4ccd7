// The errors with which callbacks of providers are refused.

import { DomainError, type ErrorKind, unauthenticated } from "../../../lib/core/domain-error.ts";
import { STATUS_OF } from "../../../lib/http/problem.ts";

/** 401: not signed, or not in this provider's format. */
export const signatureMissing = (detail: string): DomainError => unauthenticated("signature_missing", detail);

/** 401: signed with another key, or changed after signing. */
export const signatureInvalid = (): DomainError =>
  unauthenticated("signature_invalid", "The callback's signature is not valid.");

/** 400: the signed content can't be decrypted. */
export const malformed = (): DomainError =>
  new DomainError("malformed", "callback_malformed", "The callback is signed, but can't be read.");

/** 400: it is for another merchant or application. */
export const notOurs = (): DomainError =>
  new DomainError("malformed", "callback_not_ours", "The callback is for another merchant or application.");

const REFUSED = ["malformed", "unauthenticated", "not_found", "conflict"] as const;

/** The HTTP status for a callback that is refused for good; undefined: a failure on our side, the provider has to send it again. */
export function refusalStatus(kind: ErrorKind): (typeof STATUS_OF)[(typeof REFUSED)[number]] | undefined {
  const refused = REFUSED.find((known) => known === kind);
  return refused && STATUS_OF[refused];
}
