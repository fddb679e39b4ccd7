// Searching published configurations as a console does: by exact names, or by names with `*` for any text.

import type { Params } from "./params.ts";
import type { StoredConfig } from "./stored-config.ts";

/** Undefined where any value is meant. */
export interface ConfigQuery {
  readonly tenant: string;
  readonly dataId: string | undefined;
  readonly group: string | undefined;
  readonly content: string | undefined;
  readonly types: ReadonlySet<string> | undefined;
  /** Whether `*` in dataId, group and content stands for any text; without one they are compared as they are. */
  readonly blur: boolean;
}

export function searchConfigs(configs: Iterable<StoredConfig>, query: ConfigQuery): StoredConfig[] {
  const matches = (text: string, wanted: string | undefined) =>
    wanted === undefined || (query.blur ? matchesPattern(text, wanted) : text === wanted);
  return [...configs]
    .filter(
      (config) =>
        config.tenant === query.tenant &&
        matches(config.dataId, query.dataId) &&
        matches(config.group, query.group) &&
        matches(config.content, query.content) &&
        (query.types?.has(config.type) ?? true),
    )
    .sort((one, other) => (one.dataId < other.dataId ? -1 : 1));
}

/** The types in a comma-separated parameter. */
export function typesOf(params: Params, name: string): ReadonlySet<string> | undefined {
  const text = params.optional(name);
  return text === undefined ? undefined : new Set(text.split(","));
}

/** Whether `text` is `pattern`, in which `*` stands for any text. In time linear in the text for each part of the pattern. */
function matchesPattern(text: string, pattern: string): boolean {
  const parts = pattern.split("*");
  const [first = ""] = parts;
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return text === pattern;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last))
    return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return from <= text.length - last.length;
}
