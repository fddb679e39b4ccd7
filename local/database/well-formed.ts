// A quick check of the item of a put. dynalite checks and copies every attribute several times; an item that passes here would
// pass there unchanged.

import type { Item } from "./item.ts";

/**
 * Whether `item` is a map of attributes of the types S, N, BOOL, NULL, L and M that dynalite's checks accept and leave
 * as they are. False also for what it might accept: sets, binaries, numbers other than plain integers.
 */
export function isWellFormed(item: unknown): item is Item {
  if (!isObject(item)) return false;
  for (const name in item) {
    if (name === "__proto__" || !isWellFormedValue(item[name])) return false;
  }
  return true;
}

function isWellFormedValue(value: unknown): boolean {
  if (!isObject(value)) return false;
  let types = 0;
  for (const type in value) {
    types += 1;
    if (types > 1 || !fits(type, value[type])) return false;
  }
  return types === 1;
}

function fits(type: string, content: unknown): boolean {
  switch (type) {
    case "S":
      return typeof content === "string";
    case "N":
      return isPlainInteger(content);
    case "BOOL":
      return typeof content === "boolean";
    case "NULL":
      return content === true;
    case "L":
      return Array.isArray(content) && content.every(isWellFormedValue);
    case "M":
      return isWellFormed(content);
    default:
      return false;
  }
}

/** Whether it is a number of at most 30 digits (DynamoDB has 38), in the one spelling that dynalite would give it. */
export const isPlainInteger = (content: unknown): boolean =>
  typeof content === "string" && /^(0|-?[1-9]\d{0,29})$/.test(content);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
