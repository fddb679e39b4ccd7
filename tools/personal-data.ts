// The records of all services that hold personal data, for commands and checks.

import { services } from "../functions/services.ts";
import type { PersonalAccess, PersonalRecords } from "../lib/privacy/records.ts";

/** All of them, in an order in which a record comes before those that refer to it. */
export async function allPersonalData(access: PersonalAccess): Promise<readonly PersonalRecords[]> {
  const opened = await Promise.all(services.map(({ personalData }) => personalData()));
  return opened.flatMap((open) => open(access));
}

/** The key attribute of the table with this short name. */
export function keyOf(table: string): string {
  const found = services.flatMap(({ tables }) => tables).find(({ name }) => name === table);
  if (found === undefined) throw new Error(`There is no table ${table}`);
  return found.key;
}
