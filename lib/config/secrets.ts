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

/** Fewer characters than any provider gives: found out by trying, from one signature. */
const MIN_SHARED_SECRET_LENGTH = 16;

/** The secrets in `env` (`…_SECRET`, whoever reads them) that are too short to sign anything with, a line each. */
export const guessableSecrets = (env: Readonly<Record<string, string | undefined>>): readonly string[] =>
  Object.entries(env)
    .filter(
      ([name, value = ""]) =>
        name.endsWith("_SECRET") && value !== "" && value.length < MIN_SHARED_SECRET_LENGTH,
    )
    .map(([name]) => `${name} must have at least ${MIN_SHARED_SECRET_LENGTH} characters with DEBUG=False`);
