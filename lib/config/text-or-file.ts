// Settings whose text is long, such as a key: given as they are, or as the path of a file.

import { readFileSync } from "node:fs";

/** The setting's text, or that of the file that `file:<path>` names; undefined when that cannot be read. `\n` may stand for a line end, as in a line of .env. */
export function textOrFile(value: string): string | undefined {
  const given = value.trim();
  if (!given.startsWith("file:")) return given.replaceAll("\\n", "\n");
  try {
    return readFileSync(given.slice("file:".length), "utf8").trim();
  } catch {
    return undefined;
  }
}
