// How commands write to the terminal.

import { printableLines } from "../../lib/observability/printable.ts";

/** Writes lines to standard output; what could do something to a terminal is escaped. */
export function print(text: string): void {
  process.stdout.write(`${printableLines(text)}\n`);
}

/** The same to standard error. */
export function complain(text: string): void {
  process.stderr.write(`${printableLines(text)}\n`);
}
