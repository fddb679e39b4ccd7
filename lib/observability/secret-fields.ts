// Secrets in log entries: pino censors those at the top of an entry, this file those one level below. pino's own way to do that, a
// path with a wildcard, passes every value of every entry through a redactor, which takes four times as long as all else in a line.
// What a child logger adds to each of its lines has nothing below: it is texts (lib/core/scope.ts).

import { stdSerializers } from "pino";

/** Names of fields whose values are not logged. */
export const SECRET_FIELDS: readonly string[] = [
  "authorization",
  "token",
  "secret",
  "password",
  "secret_key",
  "signature",
];

/** What is logged instead. */
export const CENSORED = "[redacted]";

type Entry = Record<string, unknown>;

/** `entry` with the secret fields of its values censored; `entry` itself when there are none. */
export function censoredBelow(entry: Entry): Entry {
  let result = entry;
  for (const [name, value] of Object.entries(entry)) {
    // An error under this name is serialised first: see censoredError.
    if (typeof value !== "object" || value === null || name === "err") continue;
    const censored = withoutSecrets(value);
    if (censored !== value) result = { ...result, [name]: censored };
  }
  return result;
}

/** pino's form of an error with its secret fields censored. */
export function censoredError(error: Error): unknown {
  const serialised: unknown = stdSerializers.err(error);
  return typeof serialised === "object" && serialised !== null ? withoutSecrets(serialised) : serialised;
}

function withoutSecrets(value: object): object {
  let result = value;
  for (const name of SECRET_FIELDS) {
    if (Object.hasOwn(value, name)) result = { ...result, [name]: CENSORED };
  }
  return result;
}
