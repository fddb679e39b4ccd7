// The records of one kind that hold personal data: how a person's are found, shown and erased. A service declares its own in
// functions/<service>/personal-data.ts.

import { isDeepStrictEqual } from "node:util";
import { derivedId } from "../core/ids.ts";
import type { AggregateStore } from "../storage/aggregate-store.ts";
import type { Table } from "../storage/table.ts";
import { type Fields, type FieldTree, shownTo, withoutPeople } from "./fields.ts";

export interface Person {
  /** Their user id. */
  readonly id: string;
  /** Keys of their records that were found so far: others may refer to those. */
  readonly known: Set<string>;
}

/** A record that holds data of a person. */
export interface Holding {
  readonly key: string;
  /** The person's parts in it. */
  readonly parts: readonly string[];
  /** What may be shown to the person. */
  readonly data: unknown;
  /** Why it can't be erased yet, in sentences; usually none. */
  readonly unfinished: readonly string[];
}

export interface PersonalRecords {
  /** Short name of their table: `orders`. */
  readonly table: string;
  /** What they are, as documents name them: `orders`. */
  readonly name: string;
  /** What they are held for, and how long, in words. */
  readonly purpose: string;
  readonly keeps: string;
  readonly fields: FieldTree;
  /** Further attributes of their items, which repeat fields for indexes. */
  readonly attributes: readonly string[];
  /** True where a record does not have the user's id, and is known by what it refers to. */
  readonly byReference: boolean;
  /** Whether an item of the table with this key is one of them. */
  has(key: string): boolean;
  /** The record as its fields are declared; undefined when it is gone. For tests. */
  read(key: string): Promise<object | undefined>;
  /** What the record holds of `person`; undefined: nothing. */
  find(key: string, person: Person): Promise<Holding | undefined>;
  /**
   * Erases `person` from the record by one conditional write. Safe to repeat, and beside the running system. False when it was
   * not erased because something in it is not finished.
   */
  erase(key: string, person: Person, now: number): Promise<boolean>;
}

/** The tables as these records need them; names are short ones. */
export interface PersonalAccess {
  table(name: string): Table;
  /** The attributes of an item without their types; undefined when there is none. */
  record(table: string, key: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Deletes an item; with `only` if that attribute has that value. */
  remove(table: string, key: string, only?: readonly [attribute: string, value: string]): Promise<void>;
}

/** Opens what a service declares. Rows that others refer to come first: they are erased last. */
export type OpenPersonalData = (access: PersonalAccess) => readonly PersonalRecords[];

type Described = Pick<PersonalRecords, "table" | "name" | "purpose" | "keeps">;

interface Kept<S> extends Described {
  readonly store: AggregateStore<S>;
  readonly fields: Fields<S>;
  readonly attributes: readonly string[];
  readonly byReference?: boolean;
  has?(key: string): boolean;
  partsOf(state: S, person: Person): readonly string[];
  unfinished?(state: S): readonly string[];
  /** What pseudonyms are made of: the same in all records of one deal, and of nothing that is a person's. */
  dealOf(state: S): string;
  /** What else is recorded with the erasure. */
  after?(erased: S, now: number): S;
}

/** What stands for the person who had `part` in a deal. It follows from the deal alone, so a repetition makes the same. */
export const pseudonym = (deal: string, part: string): string => `erased:${derivedId("erased", deal, part)}`;

/** Aggregates that stay when a person is erased, without that person. */
export function keptRecords<S extends object>(given: Kept<S>): PersonalRecords {
  const { table, name, purpose, keeps, store, attributes, byReference = false, has = () => true } = given;
  const { partsOf, dealOf, unfinished = () => [], after = (state: S) => state } = given;
  const fields = given.fields as FieldTree;
  return {
    table,
    name,
    purpose,
    keeps,
    fields,
    attributes,
    byReference,
    has,
    read: (key) => store.read(key),
    async find(key, person) {
      const state = await store.read(key);
      const parts = state === undefined ? [] : partsOf(state, person);
      if (state === undefined || parts.length === 0) return undefined;
      return { key, parts, data: shownTo(state, fields, parts), unfinished: unfinished(state) };
    },
    async erase(key, person, now) {
      let open = false;
      await store.change(key, (state) => {
        const parts = partsOf(state, person);
        open = parts.length > 0 && unfinished(state).length > 0;
        if (open || parts.length === 0) return state;
        const erased = withoutPeople(state, fields, parts, (part) => pseudonym(dealOf(state), part));
        return isDeepStrictEqual(erased, state) ? state : after(erased, now);
      });
      return !open;
    },
  };
}

interface Whole<R> extends Described {
  readonly fields: Fields<R>;
  readonly byReference?: boolean;
}

/** Aggregates that are deleted when their user is erased: the one whose id they have, unless `isOf` says otherwise. */
export function deletedAggregates<S extends object>(
  { remove }: PersonalAccess,
  given: Whole<S> & {
    read(key: string): Promise<S | undefined>;
    has(key: string): boolean;
    isOf(state: S, person: Person): boolean;
    readonly attributes?: readonly string[];
  },
): PersonalRecords {
  const { table, name, purpose, keeps, read, has, isOf, byReference = false, attributes = [] } = given;
  const fields = given.fields as FieldTree;
  const ofPerson = async (key: string, person: Person) => {
    const state = await read(key);
    return state !== undefined && isOf(state, person) ? state : undefined;
  };
  return {
    table,
    name,
    purpose,
    keeps,
    fields,
    attributes,
    byReference,
    has,
    read,
    async find(key, person) {
      const state = await ofPerson(key, person);
      return state && { key, parts: PARTS, data: shownTo(state, fields, PARTS), unfinished: [] };
    },
    async erase(key, person) {
      if ((await ofPerson(key, person)) !== undefined) await remove(table, key);
      return true;
    },
  };
}

/** Plain records that are deleted when their user is erased: the one whose id is in `userAttribute`, or as `isOf` says. */
export function deletedRecords<R>(
  { record, remove }: PersonalAccess,
  given: Whole<R> & {
    has?(key: string): boolean;
  } & (
      | { readonly userAttribute: keyof R & string }
      | { isOf(record: Readonly<Record<string, unknown>>, person: Person): boolean }
    ),
): PersonalRecords {
  const { table, name, purpose, keeps, has = () => true, byReference = false } = given;
  const fields = given.fields as FieldTree;
  const ofPerson = async (key: string, person: Person) => {
    const found = await record(table, key);
    if (found === undefined) return undefined;
    const isTheirs = "isOf" in given ? given.isOf(found, person) : found[given.userAttribute] === person.id;
    return isTheirs ? found : undefined;
  };
  return {
    table,
    name,
    purpose,
    keeps,
    fields,
    attributes: [],
    byReference,
    has,
    read: (key) => record(table, key),
    async find(key, person) {
      const found = await ofPerson(key, person);
      return found && { key, parts: PARTS, data: shownTo(found, fields, PARTS), unfinished: [] };
    },
    async erase(key, person) {
      if ("userAttribute" in given) await remove(table, key, [given.userAttribute, person.id]);
      else if ((await ofPerson(key, person)) !== undefined) await remove(table, key);
      return true;
    },
  };
}

/** What a person is in a record that is theirs as a whole. */
const PARTS = ["user"];
