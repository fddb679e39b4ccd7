// Settings with a long text, such as a key: the text itself, or the path of a file.

import { readFileSync } from "node:fs";

/** The setting's text, or for `file:<path>` the file's; undefined when the file can't be read. `\n` counts as a line end. */
export function textOrFile(value: string): string | undefined {
  const given = value.trim();
  if (!given.startsWith("file:")) return given.replaceAll("\\n", "\n");
  try {
    return readFileSync(given.slice("file:".length), "utf8").trim();
  } catch {
    return undefined;
  }
}
