// What a provider's callback is refused for.

import { Problem } from "../../../lib/core/problem.ts";

/** 401: not signed at all, or not in the way this provider signs. */
export const signatureMissing = (detail: string): Problem => new Problem(401, "signature_missing", detail);

/** 401: signed by someone else, or changed since. */
export const signatureInvalid = (): Problem =>
  new Problem(401, "signature_invalid", "The callback's signature does not hold.");

/** 400: what was signed can't be read. */
export const malformed = (): Problem =>
  new Problem(400, "callback_malformed", "The callback is signed, but can't be read.");

/** 400: it is about another merchant's or application's payments. */
export const notOurs = (): Problem =>
  new Problem(400, "callback_not_ours", "The callback is for another merchant or application.");
