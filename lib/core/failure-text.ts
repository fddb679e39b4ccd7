// What an error says, whatever was thrown.

import { isNativeError } from "node:util/types";

/** The message of an error, or what else was thrown as text. */
export const messageOf = (error: unknown): string => (isNativeError(error) ? error.message : String(error));

/**
 * Why the system or the network failed: the message, with the error's code where it is not part of it. An AggregateError of
 * several addresses tried has an empty message and a code.
 */
export function reasonOf(error: unknown): string {
  const message = messageOf(error);
  if (!isNativeError(error)) return message;
  const code = "code" in error ? String(error.code) : "";
  if (message === "") return code || error.name;
  return message.includes(code) ? message : `${code} ${message}`;
}
