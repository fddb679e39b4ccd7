// Writes of the database as one text, to be read later: their texts as they are, without the escapes of JSON, after a line that says how long
// each of them is.

import type { ItemChange } from "./stored-item.ts";

type Head = readonly (readonly [at: number, table: string, length: number | null])[];

/** `undefined`: there were some that are not known. */
export function packItems(changes: readonly ItemChange[] | undefined): string {
  const head: Head | undefined = changes?.map(({ at, table, text }) => [at, table, text?.length ?? null]);
  const texts = changes?.map(({ text }) => text ?? "") ?? [];
  return `${JSON.stringify(head ?? null)}\n${texts.join("")}`;
}

/** What {@link packItems} got. @throws {SyntaxError} for anything else. */
export function unpackItems(packed: string): readonly ItemChange[] | undefined {
  const end = packed.indexOf("\n");
  const head: Head | null = JSON.parse(packed.slice(0, end));
  let from = end + 1;
  return head?.map(([at, table, length]) => {
    const text = length === null ? undefined : packed.slice(from, from + length);
    from += length ?? 0;
    return { at, table, text };
  });
}
