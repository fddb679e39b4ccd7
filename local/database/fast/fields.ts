// Exact comparison of parsed JSON with the form that a shape expects: whatever differs is not of that shape.

export type Fields = Readonly<Record<string, unknown>>;

/** Whether `value` is an object with all the fields `names`, and no other. */
export function hasFields(value: unknown, names: readonly string[]): value is Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  let count = 0;
  for (const name in value) {
    if (!names.includes(name)) return false;
    count += 1;
  }
  return count === names.length;
}

/** The text of an attribute `{ "S": text }` of 1 to `longest` UTF-16 code units; undefined for anything else. */
export function textOf(attribute: unknown, longest: number): string | undefined {
  if (!hasFields(attribute, ["S"])) return undefined;
  const text = attribute["S"];
  return typeof text === "string" && text !== "" && text.length <= longest ? text : undefined;
}

/** dynalite's limits for key values, in UTF-16 code units. */
export const LONGEST_HASH = 2048;
export const LONGEST_RANGE = 1024;
