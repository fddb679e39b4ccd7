// What a write has changed in a document. Names, addresses and what else is somebody's own are shown as changed, not as they are.

import { isRecord } from "../spans.ts";
import type { Change } from "./contract.ts";

/** Of one write. */
const MOST_CHANGES = 60;
const LONGEST = 400;
/** Fields with what people have written, or where they can be reached. */
const PERSONAL = new Set([
  "customer_name",
  "buyer_email",
  "shipping",
  "remark",
  "to",
  "title",
  "content",
  "checkout",
]);
const HIDDEN = "(hidden)";

/** The changes from `before` (undefined: there was nothing) to `after`. */
export function changesBetween(before: unknown, after: unknown): readonly Change[] {
  const changes: Change[] = [];
  compare("", before, after, (change) => changes.push(change));
  if (changes.length <= MOST_CHANGES) return changes;
  const left = changes.length - MOST_CHANGES;
  return [...changes.slice(0, MOST_CHANGES), { path: `… ${left} more`, before: null, after: null }];
}

function compare(path: string, before: unknown, after: unknown, add: (change: Change) => void): void {
  if (before === after) return;
  const name = path.slice(path.lastIndexOf(".") + 1).replace(/\[.*$/, "");
  const [old, now] = [entriesOf(before), entriesOf(after)];
  if (PERSONAL.has(name)) {
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    add({ path, before: hidden(before), after: hidden(after) });
    return;
  }
  if (old === undefined && now === undefined) {
    add({ path, before: shown(before), after: shown(after) });
    return;
  }
  if ((old === undefined && before != null) || (now === undefined && after != null)) {
    add({ path, before: shown(before), after: shown(after) });
    return;
  }
  for (const key of new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]))
    compare(path === "" ? key : joined(path, key), old?.get(key), now?.get(key), add);
}

const joined = (path: string, key: string): string => (key.startsWith("[") ? path + key : `${path}.${key}`);

/** The members of a record, or of a list by what identifies them; undefined for a plain value. */
function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (Array.isArray(value))
    return new Map(value.map((entry, index) => [`[${labelOf(entry, index)}]`, entry]));
  return isRecord(value) ? new Map(Object.entries(value)) : undefined;
}

function labelOf(entry: unknown, index: number): string {
  if (!isRecord(entry)) return String(index);
  const label = entry["id"] ?? entry["no"];
  return typeof label === "string" || typeof label === "number" ? String(label) : String(index);
}

const hidden = (value: unknown): string | null => (value == null ? null : HIDDEN);

function shown(value: unknown): string | null {
  if (value === undefined) return null;
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
