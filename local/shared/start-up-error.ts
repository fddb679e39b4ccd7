// Errors that prevent a start, each one line that says what to do.

import { complain } from "./print.ts";

let settingsFile = ".env";

/** Messages name the file `name` from now on, where they say `.env`: that one means nothing beside `.env.prod`. */
export function settingsAreIn(name: string): void {
  settingsFile = name;
}

/** A reason not to start; `message` names the setting to change. */
export class StartUpError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message.replace(/(?<= )\.env(?![.\w])/g, settingsFile));
    this.name = "StartUpError";
    this.code = code;
  }
}

/** The line for standard error. This system's own errors are shown by their message alone. */
export function startUpLine(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(`Could not start: ${String(error)}`);
  return oneLine(isOwn(error) ? error.message : `Could not start: ${error.message || error.name}`);
}

/** Prints the error on standard error and ends the process. */
export function fail(error: unknown): never {
  complain(startUpLine(error));
  process.exit(1);
}

/** This system's errors carry codes like `port_in_use`; Node's are like `EACCES`. */
const isOwn = (error: Error): boolean =>
  "code" in error && typeof error.code === "string" && /^[a-z_]+$/.test(error.code);

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ").trim();
