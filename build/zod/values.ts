// Schemas of single values.

import { beyond, issue, wrongType, wrongValue } from "./issues.ts";
import { type Reading, refinement, Schema } from "./schema.ts";

class OfType extends Schema {
  readonly type: string;

  constructor(type: string) {
    super();
    this.type = type;
  }

  override read(reading: Reading): Reading {
    if (!this.isRight(reading.value)) reading.issues.push(wrongType(this.type, reading.value));
    return reading;
  }

  protected isRight(value: unknown): boolean {
    return typeof value === this.type;
  }
}

export const boolean = () => new OfType("boolean");

class StringSchema extends OfType {
  constructor() {
    super("string");
  }

  regex(pattern: RegExp, message = `Invalid string: must match pattern ${pattern}`): this {
    return this.checked({
      run({ value, issues }) {
        if (!pattern.test(value as string))
          issues.push(issue("invalid_format", message, { thenChecked: "all" }));
      },
    });
  }

  min(least: number): this {
    return this.atLeast(least);
  }

  max(most: number): this {
    return this.atMost(most);
  }

  toLowerCase(): this {
    return this.checked({
      run(reading) {
        reading.value = (reading.value as string).toLowerCase();
      },
    });
  }
}

export const string = () => new StringSchema();

const UUID =
  /^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$/;

/** RFC 9562: of a known version, or all zeros or ones. */
export const uuid = () => string().regex(UUID, "Invalid UUID");

const DAY =
  "(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8])))";
const DATETIME = new RegExp(`^${DAY}T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?Z$`);

/** RFC 3339 in UTC, a day that there is. */
export const iso = { datetime: () => string().regex(DATETIME, "Invalid ISO datetime") };

class NumberSchema extends OfType {
  constructor() {
    super("number");
  }

  protected override isRight(value: unknown): boolean {
    return Number.isFinite(value);
  }

  min(least: number): this {
    return this.checked({
      run({ value, issues }) {
        if (!((value as number) >= least)) issues.push(beyond("small", "number", least));
      },
    });
  }

  max(most: number): this {
    return this.checked({
      run({ value, issues }) {
        if (!((value as number) <= most)) issues.push(beyond("big", "number", most));
      },
    });
  }

  whole(): this {
    return this.checked({
      run({ value, issues }) {
        if (!Number.isInteger(value)) issues.push(wrongType("int", value, { thenChecked: "nothing" }));
        else if ((value as number) > Number.MAX_SAFE_INTEGER)
          issues.push(beyond("big", "int", Number.MAX_SAFE_INTEGER));
        else if ((value as number) < Number.MIN_SAFE_INTEGER)
          issues.push(beyond("small", "int", Number.MIN_SAFE_INTEGER));
      },
    });
  }
}

export const number = () => new NumberSchema();

export const int = () => number().whole();

class OneOf extends Schema {
  readonly values: readonly unknown[];
  readonly message: string | undefined;

  constructor(values: readonly unknown[], message: string | undefined) {
    super();
    this.values = values;
    this.message = message;
  }

  override read(reading: Reading): Reading {
    if (!this.values.includes(reading.value)) reading.issues.push(wrongValue(this.values, this.message));
    return reading;
  }
}

const oneOf = (values: readonly string[], message?: string) => new OneOf(values, message);

export { oneOf as enum };

export const literal = (value: unknown, message?: string) => new OneOf([value], message);

class Unknown extends Schema {
  override read(reading: Reading): Reading {
    return reading;
  }
}

export const unknown = () => new Unknown();

/** What `isRight` says. */
export function custom(isRight: (value: unknown) => boolean): Schema {
  const schema = new Unknown();
  schema.checks = [refinement(isRight, undefined, "nothing")];
  return schema;
}
