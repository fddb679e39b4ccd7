// What keeps the system from starting, in one line that says what to do.

import { ConfigError } from "../../lib/config/env.ts";

/** A reason not to start; `message` names the setting to change. */
export class StartUpError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "StartUpError";
    this.code = code;
  }
}

/** The one line for standard error: the message alone of errors that are meant for people, also of unexpected ones. */
export function startUpLine(error: unknown): string {
  if (error instanceof StartUpError || error instanceof ConfigError) return oneLine(error.message);
  if (error instanceof Error) return oneLine(`Could not start: ${error.message || error.name}`);
  return oneLine(`Could not start: ${String(error)}`);
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ").trim();
