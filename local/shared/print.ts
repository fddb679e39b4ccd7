// Output of commands to the terminal.

import { printableLines } from "../../lib/observability/printable.ts";

/** Writes lines to standard output, with control characters escaped. */
export function print(text: string): void {
  process.stdout.write(`${printableLines(text)}\n`);
}

/** {@link print} to standard error. */
export function complain(text: string): void {
  process.stderr.write(`${printableLines(text)}\n`);
}
