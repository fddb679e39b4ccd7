// Strict JSON (I-JSON, RFC 7493): refuses what parsers interpret differently.

import { type DomainError, invalidValue, malformed } from "../core/domain-error.ts";
import { tried } from "../core/tried.ts";

/** Deepest nesting: the parser needs memory for each level. */
const MAX_DEPTH = 32;

/**
 * The value of `text`.
 * @throws {DomainError} malformed `json_malformed`; malformed `json_duplicate_key` where an object has a key twice, since
 * some parsers take the first and some the last; invalid `body_invalid` for what is nested too deep.
 */
export function parseStrictJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed("json_malformed", "This is not valid JSON.");
  }
  checkKeys(text);
  return value;
}

/** The same where it does not matter why it can't be read: undefined then. */
export const strictJson = (text: string): unknown => tried(() => parseStrictJson(text));

/** Scans `text`, which is valid JSON, for duplicate keys, which JSON.parse does not report. */
function checkKeys(text: string): void {
  // The keys of every open object, outermost first; undefined for an array.
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === "{" || character === "[") {
      open.push(new Set());
      if (open.length > MAX_DEPTH) throw tooDeep();
    } else if (character === "}" || character === "]") {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(text, at);
      if (isKey(text, end)) addKey(open.at(-1), text.slice(at, end));
      at = end - 1;
    }
  }
}

/** Index after the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

/** Whether the quotation mark at `at` belongs to the string: an odd number of backslashes is before it. */
function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text[from - 1] === "\\") from -= 1;
  return (at - from) % 2 === 1;
}

/** Whether the string that ends before `end` is a key: then a colon follows. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\t" || text[at] === "\r") at += 1;
  return text[at] === ":";
}

function addKey(keys: Set<string> | undefined, quoted: string): void {
  const key = quoted.includes("\\") ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
  if (keys?.has(key)) throw duplicate();
  keys?.add(key);
}

const tooDeep = (): DomainError =>
  invalidValue("body_invalid", `This is not acceptable: it is nested deeper than ${MAX_DEPTH} levels.`);

const duplicate = (): DomainError =>
  malformed(
    "json_duplicate_key",
    "An object has the same key twice; which of the values counts is not clear.",
  );
