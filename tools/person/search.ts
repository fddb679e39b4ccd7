// Finds the records that hold data of a person, in all tables.

import type { Holding, Person, PersonalRecords } from "../../lib/privacy/records.ts";
import type { FoundItem, PersonAccess } from "./access.ts";

export interface Found extends Holding {
  readonly records: PersonalRecords;
}

export interface SearchResult {
  /** In the order of the declarations: a record before those that refer to it. */
  readonly found: readonly Found[];
  /** Items that are not the person's and have the same text as their id somewhere, `<table>/<key>`. */
  readonly elsewhere: readonly string[];
}

/**
 * Reads every item, and those of tables with references once more: what a user has deleted is in no index. What may hold something of the person, by its
 * text, is then read as what it is.
 */
export async function searchPerson(
  access: PersonAccess,
  rows: readonly PersonalRecords[],
  id: string,
): Promise<SearchResult> {
  const person: Person = { id, known: new Set() };
  const found: Found[] = [];
  const elsewhere: string[] = [];

  async function look(table: string, byReference: boolean): Promise<void> {
    const ofTable = rows.filter((row) => row.table === table);
    for await (const page of access.items(table)) {
      for (const item of page) {
        const records = ofTable.find((row) => row.has(item.key));
        if ((records?.byReference ?? false) !== byReference) continue;
        const mentioned = mentions(item, id);
        if (!mentioned && !byReference) continue;
        const holding = await records?.find(item.key, person);
        if (holding === undefined || records === undefined) {
          if (mentioned) elsewhere.push(`${table}/${item.key}`);
          continue;
        }
        person.known.add(holding.key);
        found.push({ ...holding, records });
      }
    }
  }

  for (const byReference of [false, true]) {
    const some = rows.filter((row) => row.byReference === byReference);
    for (const table of new Set(some.map((row) => row.table))) await look(table, byReference);
  }
  return { found, elsewhere };
}

/** Whether one of an item's texts is the user id, or a key made of it. */
const mentions = ({ key, text, texts }: FoundItem, id: string): boolean =>
  text.includes(id) &&
  (key.endsWith(`:${id}`) || texts().some((one) => one === id || one.startsWith(`${id}#`)));
