// Whether a secret is strong enough not to be guessed.

/** Shorter keys can be guessed from one signature; HS256 requires 32 bytes (RFC 7518, 3.2). */
export const MIN_SECRET_LENGTH = 32;

/** Whether `value` is a reference that CloudFormation has not resolved: its text is public, so it must not count as a secret. */
export const isReference = (value: string): boolean => value.startsWith("{{resolve:");

/** Whether `secret` can't be found by trying. */
export const isStrong = (secret: string): boolean =>
  secret.length >= MIN_SECRET_LENGTH && !isReference(secret);

/** Random text of that length has more different characters, in any alphabet. */
const FEW_CHARACTERS = 8;

/** Whether `secret` is long, but does not look random: `xxxx…`, `abcabc…`. */
export const looksPoor = (secret: string): boolean => new Set(secret).size < FEW_CHARACTERS;
