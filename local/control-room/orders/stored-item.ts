// Items as the embedded database reports them.

import type { Item } from "../../../lib/storage/table.ts";
import { isRecord } from "../spans.ts";

/** An item that was written. */
export interface ItemChange {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly table: string;
  /** DynamoDB's JSON text of the whole item; undefined where one was removed. */
  readonly text: string | undefined;
}

/** Attributes in DynamoDB's JSON, by name. */
export type Attributes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Something that the embedded database has written. */
export interface StoredWrite {
  /** An item as DynamoDB's JSON text; none where it was removed. */
  readonly value?: string;
  /** Which item; undefined: an index entry, or whatever else there is. */
  readonly of?: { readonly table: string; readonly item: Attributes | undefined };
}

const OWN = ["id", "version", "schema_version", "doc", "expires_on"];

/** The item in `text`; undefined where it holds no aggregate. */
export function itemOf(text: string): Item | undefined {
  const row: unknown = JSON.parse(text);
  if (!isRecord(row)) return undefined;
  const value = (name: string): string | undefined => {
    const attribute = row[name];
    const given = isRecord(attribute) ? (attribute["S"] ?? attribute["N"]) : undefined;
    return typeof given === "string" ? given : undefined;
  };
  const [id, doc, expires] = [value("id"), value("doc"), value("expires_on")];
  if (id === undefined || doc === undefined) return undefined;
  const index = Object.keys(row).filter((name) => !OWN.includes(name));
  return {
    id,
    doc,
    version: Number(value("version")),
    schemaVersion: Number(value("schema_version")),
    index: Object.fromEntries(index.map((name) => [name, value(name) ?? ""])),
    ...(expires === undefined ? {} : { expiresOn: Number(expires) }),
  };
}
