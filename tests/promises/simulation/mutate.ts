// One source text with edits made.

import type { Edit } from "./mutations.ts";

/** `source` with `edits` made. @throws when a pattern does not occur exactly once: the code has changed under it. */
export function mutated(source: string, edits: readonly Edit[]): string {
  return edits.reduce((text, { file, find, replace }) => {
    const count = text.split(find).length - 1;
    if (count !== 1) throw new Error(`${file} has ${count} times: ${find}`);
    return text.replace(find, () => replace);
  }, source);
}
