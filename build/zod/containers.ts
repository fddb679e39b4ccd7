// Schemas of values with members, and of one thing or another.

import { beyond, issue, unknownKeys, wrongType } from "./issues.ts";
import { type Reading, Schema } from "./schema.ts";

type Members = Readonly<Record<string, unknown>>;
type Shape = Readonly<Record<string, Schema>>;

/** Members without a schema. */
type Others = "dropped" | "refused" | "kept";

class ObjectSchema extends Schema {
  readonly shape: Shape;
  readonly others: Others;

  constructor(shape: Shape, others: Others) {
    super();
    this.shape = shape;
    this.others = others;
  }

  extend(shape: Shape): ObjectSchema {
    return new ObjectSchema({ ...this.shape, ...shape }, this.others);
  }

  override read(reading: Reading): Reading {
    const input = reading.value;
    if (!isObject(input)) return refused(reading, "object");
    const output: Record<string, unknown> = {};
    reading.value = output;
    for (const [key, schema] of Object.entries(this.shape)) readMember(schema, key, input, output, reading);
    if (this.others === "dropped") return reading;
    const others = Object.keys(input).filter((key) => !Object.hasOwn(this.shape, key));
    if (this.others === "kept") {
      for (const key of others.filter(isSafe)) output[key] = input[key];
    } else if (others.length > 0) {
      reading.issues.push(unknownKeys(others));
    }
    return reading;
  }
}

/** Puts what `schema` makes of the member `key` of `input` into `output`; an absent one as its `optin` says. */
function readMember(
  schema: Schema,
  key: string,
  input: Members,
  output: Record<string, unknown>,
  { issues }: Reading,
): void {
  const { optin, optout } = schema;
  const isPresent = key in input;
  const mayBeAbsent = optin !== undefined && optout === "optional";
  if (!isPresent && mayBeAbsent && optin === "optional") return;
  const member = schema.run({ value: input[key], issues: [] });
  if (!isPresent && mayBeAbsent && member.issues.length > 0) return;
  addMember(issues, key, member);
  if (!isPresent && optin === undefined) {
    if (member.issues.length === 0) issues.push(wrongType("nonoptional", undefined, { path: [key] }));
    return;
  }
  if (member.value !== undefined || isPresent || (optin === "defaulted" && !mayBeAbsent))
    output[key] = member.value;
}

function addMember(issues: Reading["issues"], key: PropertyKey, member: Reading): void {
  for (const found of member.issues) {
    found.path.unshift(key);
    issues.push(found);
  }
}

export const object = (shape: Shape) => new ObjectSchema(shape, "dropped");

export const strictObject = (shape: Shape) => new ObjectSchema(shape, "refused");

export const looseObject = (shape: Shape) => new ObjectSchema(shape, "kept");

class RecordSchema extends Schema {
  readonly keys: Schema;
  readonly values: Schema;

  constructor(keys: Schema, values: Schema) {
    super();
    this.keys = keys;
    this.values = values;
  }

  override read(reading: Reading): Reading {
    const input = reading.value;
    if (!isObject(input) || !isPlain(input)) return refused(reading, "record");
    const output: Record<string, unknown> = {};
    reading.value = output;
    for (const key of Object.keys(input).filter(isSafe)) {
      if (this.keys.run({ value: key, issues: [] }).issues.length > 0) {
        reading.issues.push(issue("invalid_key", "Invalid key in record", { path: [key] }));
        continue;
      }
      const member = this.values.run({ value: input[key], issues: [] });
      addMember(reading.issues, key, member);
      output[key] = member.value;
    }
    return reading;
  }
}

export const record = (keys: Schema, values: Schema) => new RecordSchema(keys, values);

class ArraySchema extends Schema {
  readonly item: Schema;
  /** Of a longer one no item is read. */
  most = Number.POSITIVE_INFINITY;

  constructor(item: Schema) {
    super();
    this.item = item;
  }

  min(least: number): this {
    return this.atLeast(least);
  }

  max(most: number): this {
    const bounded = this.atMost(most);
    bounded.most = most;
    return bounded;
  }

  override read(reading: Reading): Reading {
    const input = reading.value;
    if (!Array.isArray(input)) return refused(reading, "array");
    if (input.length > this.most) {
      reading.issues.push({ ...beyond("big", "array", this.most, "items"), thenChecked: "nothing" });
      return reading;
    }
    reading.value = input.map((value, index) => {
      const item = this.item.run({ value, issues: [] });
      addMember(reading.issues, index, item);
      return item.value;
    });
    return reading;
  }
}

export const array = (item: Schema) => new ArraySchema(item);

class Union extends Schema {
  readonly options: readonly Schema[];

  constructor(options: readonly Schema[]) {
    super();
    this.options = options;
  }

  override read(reading: Reading): Reading {
    const readings: Reading[] = [];
    for (const option of this.options) {
      const read = option.run({ value: reading.value, issues: [] });
      if (read.issues.length === 0) return read;
      readings.push(read);
    }
    // If the value is of one option, then what is wrong with it there is told.
    const fitting = readings.filter(
      ({ ended, issues }) => !ended && issues.every(({ thenChecked }) => thenChecked === "all"),
    );
    const [only] = fitting;
    if (only !== undefined && fitting.length === 1) return only;
    reading.issues.push(issue("invalid_union", "Invalid input"));
    return reading;
  }
}

export const union = (options: readonly Schema[]) => new Union(options);

class DiscriminatedUnion extends Schema {
  readonly key: string;
  readonly options: ReadonlyMap<unknown, ObjectSchema>;

  constructor(key: string, options: readonly ObjectSchema[]) {
    super();
    this.key = key;
    this.options = new Map(options.map((option) => [literalOf(option.shape[key]), option]));
  }

  override read(reading: Reading): Reading {
    if (!isObject(reading.value)) return refused(reading, "object");
    const option = this.options.get(reading.value[this.key]);
    if (option !== undefined) return option.run(reading);
    const names = [...this.options.keys()].map((name) => `'${name}'`).join(" | ");
    reading.issues.push(
      issue("invalid_union", `Invalid discriminator value. Expected ${names}`, { path: [this.key] }),
    );
    return reading;
  }
}

const literalOf = (schema: (Schema & { readonly values?: readonly unknown[] }) | undefined): unknown =>
  schema?.values?.[0];

/** Each option's member `key` is a literal. */
export const discriminatedUnion = (key: string, options: readonly ObjectSchema[]) =>
  new DiscriminatedUnion(key, options);

const isObject = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Not of a class of its own. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.hasOwn(prototype, "isPrototypeOf");
}

/** An assignment to it would set the prototype. */
const isSafe = (key: string): boolean => key !== "__proto__";

function refused(reading: Reading, expected: string): Reading {
  reading.issues.push(wrongType(expected, reading.value));
  return reading;
}
