// Erases a person from all records, as they are declared.

import type { PersonalRecords } from "../../lib/privacy/records.ts";
import type { PersonAccess } from "./access.ts";
import { type Found, searchPerson } from "./search.ts";

export interface Erasure {
  /** What was found at first. */
  readonly found: readonly Found[];
  /** Why nothing, or not everything, was erased; none when all is done. */
  readonly unfinished: readonly string[];
  /** Items that are not the person's and have the same text as their id somewhere. */
  readonly elsewhere: readonly string[];
  readonly erased: number;
}

export interface EraseOptions {
  readonly dry: boolean;
  now(): number;
  /** Called after each record. */
  onErased?(found: Found): void;
}

/** Searches after which a person who goes on to use the system is not waited for any more. */
const ROUNDS = 5;

/**
 * Erases the person `id`, unless something of theirs is not finished. Records that refer to others go first, so that a run that was
 * killed can be repeated: what is left is still found. It searches again until nothing is found.
 */
export async function erasePerson(
  access: PersonAccess,
  rows: readonly PersonalRecords[],
  id: string,
  { dry, now, onErased = () => {} }: EraseOptions,
): Promise<Erasure> {
  const first = await searchPerson(access, rows, id);
  let { found, elsewhere } = first;
  let erased = 0;
  for (let round = 1; ; round += 1) {
    const unfinished = found.flatMap((one) => one.unfinished);
    const over = found.length === 0 || dry || unfinished.length > 0;
    if (over) return { found: first.found, unfinished, elsewhere, erased };
    if (round > ROUNDS) {
      const going = "They go on to use the system: end their access first, then erase them again.";
      return { found: first.found, unfinished: [going], elsewhere, erased };
    }
    const person = { id, known: new Set(found.map(({ key }) => key)) };
    for (const one of found.toReversed()) {
      // What begins again just now is found, and named, by the next search.
      if (!(await one.records.erase(one.key, person, now()))) continue;
      erased += 1;
      onErased(one);
    }
    ({ found, elsewhere } = await searchPerson(access, rows, id));
  }
}
