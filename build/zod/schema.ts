// What all schemas have: they read a value, then check what they have read.

import { beyond, type Issue, issue, UNKNOWN_KEYS } from "./issues.ts";

/** A value on its way through schemas, and what was wrong with it so far. */
export interface Reading {
  value: unknown;
  readonly issues: Issue[];
  /** True after a pipe whose first half has refused it. */
  ended?: boolean;
}

export interface Check {
  /** True for a length, which is also checked of a value of the wrong type. */
  readonly ofLength?: boolean;
  run(reading: Reading): void;
}

export class ZodError extends Error {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(
      JSON.stringify(
        issues.map(({ code, path, message }) => ({ code, path, message })),
        null,
        2,
      ),
    );
    this.name = "ZodError";
    this.issues = issues;
  }
}

type Params = string | { readonly error: string };

const messageOf = (params: Params | undefined): string | undefined =>
  typeof params === "string" ? params : params?.error;

type IsRight = (value: never) => unknown;

/** What a function says of a value; `thenChecked` as in an issue. */
export const refinement = (
  isRight: IsRight,
  message = "Invalid input",
  thenChecked: Issue["thenChecked"] = "all",
): Check => ({
  run({ value, issues }) {
    if (!isRight(value as never)) issues.push(issue("custom", message, { thenChecked }));
  },
});

export abstract class Schema {
  checks: readonly Check[] = [];

  /** What it makes of an absent member: undefined refuses it, `optional` leaves it out, `defaulted` puts a value in its place. */
  get optin(): "optional" | "defaulted" | undefined {
    return undefined;
  }

  /** Whether a member of it may be absent from the output. */
  get optout(): "optional" | undefined {
    return undefined;
  }

  /** Reads without checks. */
  abstract read(reading: Reading): Reading;

  run(reading: Reading): Reading {
    const read = this.read(reading);
    let refused = isRefused(read);
    for (const { ofLength, run } of this.checks) {
      if (ofLength ? isEnded(read) : refused) continue;
      run(read);
      refused ||= isRefused(read);
    }
    return read;
  }

  safeParse(input: unknown) {
    const { value, issues } = this.run({ value: input, issues: [] });
    if (issues.length === 0) return { success: true, data: value };
    return { success: false, error: new ZodError(issues) };
  }

  parse(input: unknown): unknown {
    const { data, error } = this.safeParse(input);
    if (error !== undefined) throw error;
    return data;
  }

  /** The same with one more check. */
  protected checked(check: Check): this {
    const copy = Object.assign(Object.create(Object.getPrototypeOf(this)), this);
    copy.checks = [...this.checks, check];
    return copy;
  }

  protected atLeast(least: number): this {
    return this.length("small", least, (length) => length >= least);
  }

  protected atMost(most: number): this {
    return this.length("big", most, (length) => length <= most);
  }

  private length(kind: "small" | "big", limit: number, isWithin: (length: number) => boolean): this {
    const run = ({ value, issues }: Reading) => {
      const length = lengthOf(value);
      if (length === undefined || isWithin(length)) return;
      if (typeof value === "string") issues.push(beyond(kind, "string", limit, "characters"));
      else if (Array.isArray(value)) issues.push(beyond(kind, "array", limit, "items"));
      else issues.push(beyond(kind, "unknown", limit));
    };
    return this.checked({ ofLength: true, run });
  }

  refine(isRight: IsRight, params?: Params): this {
    return this.checked(refinement(isRight, messageOf(params)));
  }

  // What documents say is no part of a bundle.
  meta(): this {
    return this;
  }

  describe(): this {
    return this;
  }

  optional(): Schema {
    return new Optional(this);
  }

  nullable(): Schema {
    return new Nullable(this);
  }

  nullish(): Schema {
    return new Optional(new Nullable(this));
  }

  default(value: unknown): Schema {
    return new Default(this, value);
  }

  catch(value: unknown): Schema {
    return new Catch(this, value);
  }

  readonly(): Schema {
    return new Readonly(this);
  }

  transform(change: Change): Schema {
    return new Pipe(this, new Transform(change));
  }

  pipe(next: Schema): Schema {
    return new Pipe(this, next);
  }
}

/** In characters (code points) or items; undefined for what has none. */
function lengthOf(value: unknown): number | undefined {
  if (typeof value === "string") return value.length - (value.match(PAIRS)?.length ?? 0);
  if (Array.isArray(value)) return value.length;
  if (typeof value !== "object" || value === null || !("length" in value)) return undefined;
  return value.length as number | undefined;
}

/** Two units of UTF-16 that are one character. */
const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g;

/** Whether nothing more is checked of it, except its length. */
const isRefused = ({ ended, issues }: Reading): boolean =>
  ended === true || issues.some(({ thenChecked }) => thenChecked !== "all");

const isEnded = ({ ended, issues }: Reading): boolean =>
  ended === true || issues.some(({ thenChecked }) => thenChecked === "nothing");

/** A schema around another one. */
abstract class Wrapper extends Schema {
  readonly inner: Schema;

  constructor(inner: Schema) {
    super();
    this.inner = inner;
  }
}

class Optional extends Wrapper {
  override get optin() {
    return this.inner.optin === "defaulted" ? "defaulted" : "optional";
  }

  override get optout() {
    return "optional" as const;
  }

  override read(reading: Reading): Reading {
    if (reading.value !== undefined) return this.inner.run(reading);
    if (this.inner.optin !== "defaulted") return reading;
    const { value, issues } = this.inner.run({ value: undefined, issues: [] });
    reading.value = issues.length > 0 ? undefined : value;
    return reading;
  }
}

class Nullable extends Wrapper {
  override get optin() {
    return this.inner.optin;
  }

  override get optout() {
    return this.inner.optout;
  }

  override read(reading: Reading): Reading {
    return reading.value === null ? reading : this.inner.run(reading);
  }
}

class Default extends Wrapper {
  readonly value: unknown;

  constructor(inner: Schema, value: unknown) {
    super(inner);
    this.value = value;
  }

  override get optin() {
    return "defaulted" as const;
  }

  override read(reading: Reading): Reading {
    const read = reading.value === undefined ? reading : this.inner.run(reading);
    if (read.value === undefined) read.value = copyOf(this.value);
    return read;
  }
}

/** A default is nobody's to change. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...value];
  return typeof value === "object" && value !== null ? { ...value } : value;
}

class Catch extends Wrapper {
  readonly value: unknown;

  constructor(inner: Schema, value: unknown) {
    super(inner);
    this.value = value;
  }

  override get optin() {
    return this.inner.optin === "defaulted" ? "defaulted" : "optional";
  }

  override get optout() {
    return this.inner.optout;
  }

  override read(reading: Reading): Reading {
    const { value, issues } = this.inner.run({ value: reading.value, issues: [] });
    reading.value = issues.length > 0 ? this.value : value;
    return reading;
  }
}

class Readonly extends Nullable {
  override read(reading: Reading): Reading {
    const read = this.inner.run(reading);
    read.value = Object.freeze(read.value);
    return read;
  }
}

class Pipe extends Schema {
  readonly from: Schema;
  readonly to: Schema;

  constructor(from: Schema, to: Schema) {
    super();
    this.from = from;
    this.to = to;
  }

  override get optin() {
    return this.from.optin;
  }

  override get optout() {
    return this.to.optout;
  }

  override read(reading: Reading): Reading {
    const read = this.from.run(reading);
    if (read.issues.some(({ code }) => code !== UNKNOWN_KEYS)) {
      read.ended = true;
      return read;
    }
    return this.to.run({ value: read.value, issues: read.issues });
  }
}

type Change = (
  value: never,
  context: { addIssue(added: { readonly code: string; readonly message: string }): void },
) => unknown;

class Transform extends Schema {
  readonly change: Change;

  constructor(change: Change) {
    super();
    this.change = change;
  }

  override get optin() {
    return "optional" as const;
  }

  override read(reading: Reading): Reading {
    const { value, issues } = reading;
    const addIssue = ({ code, message }: { readonly code: string; readonly message: string }) =>
      void issues.push(issue(code, message));
    reading.value = this.change(value as never, { addIssue });
    return reading;
  }
}
