// How long a secret must be that others could guess by trying.

/** Shorter keys can be guessed from one signature; 32 bytes are what HS256 asks for (RFC 7518, 3.2). */
export const MIN_SECRET_LENGTH = 32;

/** What stands for a secret until CloudFormation puts it in: anybody knows this text, so it must not count as the secret. */
export const isReference = (value: string): boolean => value.startsWith("{{resolve:");

/** Whether nobody finds out `secret` by trying. */
export const isStrong = (secret: string): boolean =>
  secret.length >= MIN_SECRET_LENGTH && !isReference(secret);

/** Random characters of any alphabet repeat themselves less. */
const FEW_CHARACTERS = 8;

/** Whether `secret` is long, but does not look random: `xxxx…`, `abcabc…`. */
export const looksPoor = (secret: string): boolean => new Set(secret).size < FEW_CHARACTERS;
