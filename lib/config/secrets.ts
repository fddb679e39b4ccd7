// Whether a secret is strong enough not to be guessed.

import { isReference } from "./references.ts";

/** Shorter keys can be guessed from one signature; HS256 requires 32 bytes (RFC 7518, 3.2). */
export const MIN_SECRET_LENGTH = 32;

/** Whether `secret` can't be found by trying. A reference can, whatever it names: its text is public. */
export const isStrong = (secret: string): boolean =>
  secret.length >= MIN_SECRET_LENGTH && !isReference(secret) && !isTemplateReference(secret);

/** Whether `text` is a reference that CloudFormation resolves, which puts the secret into a function's environment. */
export const isTemplateReference = (text: string): boolean => text.includes("{{resolve:");

/** Random text of that length has more different characters, in any alphabet. */
const FEW_CHARACTERS = 8;

/** Whether `secret` is long, but does not look random: `xxxx…`, `abcabc…`. */
export const looksPoor = (secret: string): boolean => new Set(secret).size < FEW_CHARACTERS;
