// What is wrong with a value, in zod's words.

/** How zod tells what is wrong, as far as anybody here reads it. */
export interface Issue {
  readonly code: string;
  /** From the outermost value to the wrong one. */
  readonly path: PropertyKey[];
  readonly message: string;
  /**
   * What is still checked of the same value: all, only its length (then its type is wrong, and the length is checked as far as it has
   * one), or nothing.
   */
  readonly thenChecked: "all" | "length" | "nothing";
}

type Details = Partial<Pick<Issue, "path" | "thenChecked">>;

export const issue = (
  code: string,
  message: string,
  { path = [], thenChecked = "length" }: Details = {},
) => ({
  code,
  path,
  message,
  thenChecked,
});

export const wrongType = (expected: string, input: unknown, details?: Details): Issue =>
  issue("invalid_type", `Invalid input: expected ${expected}, received ${typeOf(input)}`, details);

/** `values` are those that there are, at least one. */
export function wrongValue(values: readonly unknown[], message?: string): Issue {
  const shown = values.map(quoted).join("|");
  const said =
    values.length === 1 ? `Invalid input: expected ${shown}` : `Invalid option: expected one of ${shown}`;
  return issue("invalid_value", message ?? said);
}

export const unknownKeys = (keys: readonly string[]): Issue =>
  issue(UNKNOWN_KEYS, `Unrecognized key${keys.length > 1 ? "s" : ""}: ${keys.map(quoted).join(", ")}`, {
    thenChecked: "all",
  });

/** Of the value's surroundings, not of itself: it is still transformed. */
export const UNKNOWN_KEYS = "unrecognized_keys";

/** A number or a length beyond `limit`; `of` is what it is of, `unit` what a length is counted in. */
export function beyond(kind: "small" | "big", of: string, limit: number, unit?: string): Issue {
  const wanted = `${kind === "small" ? ">=" : "<="}${limit}`;
  const what = unit === undefined ? `be ${wanted}` : `have ${wanted} ${unit}`;
  return issue(`too_${kind}`, `Too ${kind}: expected ${of} to ${what}`, { thenChecked: "all" });
}

const quoted = (value: unknown): string => (typeof value === "string" ? `"${value}"` : `${value}`);

function typeOf(value: unknown): string {
  if (typeof value === "number") return Number.isFinite(value) ? "number" : String(value);
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value !== "object") return typeof value;
  const named = Object.getPrototypeOf(value) !== Object.prototype && "constructor" in value;
  return named && typeof value.constructor === "function" ? value.constructor.name : "object";
}
