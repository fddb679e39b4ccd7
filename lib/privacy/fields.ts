// What each field of a stored record has to do with people: whose it is, and what becomes of it when that person is erased.

/** Stands where a text was that had to be erased and may not be empty. */
export const ERASED = "erased";

/** Gives what stands for the person with this part in the record, once they are erased. */
type PseudonymOf = (part: string) => string;

export interface Field {
  /** The parts in the record (`buyer`, `seller`) of those whose data it is; nobody's where it is empty. */
  readonly of: readonly string[];
  /** What becomes of it when one of them is erased, in words; empty for what is nobody's. */
  readonly becomes: string;
  /** What stands there then; undefined: nothing, the field is removed. Without it the field stays. */
  readonly erase?: (value: unknown, pseudonymOf: PseudonymOf, part: string) => unknown;
}

/** A declaration for each field of `T`: the compiler refuses a record with a field that is not declared. */
export type Fields<T> = { readonly [K in keyof T]-?: Field | Inner<NonNullable<T[K]>> };

type Inner<V> = V extends readonly (infer E)[]
  ? { readonly each: Fields<E> }
  : V extends object
    ? { readonly within: Fields<V> }
    : never;

/** {@link Fields} whose type is not known any more. */
export type FieldTree = Readonly<Record<string, FieldNode>>;
type FieldNode = Field | { readonly each: FieldTree } | { readonly within: FieldTree };

/** Says nothing of a person. */
export const nobodys: Field = { of: [], becomes: "" };

/** A person's, and stays: `why`. */
export const kept = (of: readonly string[], why: string): Field => ({ of, becomes: `stays: ${why}` });

/** Replaced by `value`, which says nothing; removed without one. */
export const removed = (of: readonly string[], value?: unknown): Field => ({
  of,
  becomes: "removed",
  erase: () => value,
});

/** Replaced by what `rewrite` leaves of it; `becomes` says what that is. */
export const rewritten = <V>(
  of: readonly string[],
  becomes: string,
  rewrite: (value: V) => unknown,
): Field => ({
  of,
  becomes,
  // The field's type is that of its record; see Fields.
  erase: (value) => rewrite(value as V),
});

/** The id of the user with this part; a pseudonym takes its place. */
export const userId = (part: string): Field => ({
  of: [part],
  becomes: "a pseudonym",
  erase: (_value, pseudonymOf) => pseudonymOf(part),
});

/** Of a record that is deleted as a whole. */
export const deleted = (of: readonly string[]): Field => ({ of, becomes: "deleted with its record" });

const isField = (node: FieldNode): node is Field => "of" in node;

/** `record` without what belongs to the people with these `parts` in it; an equal record where nothing does. */
export function withoutPeople<T extends object>(
  record: T,
  fields: FieldTree,
  parts: readonly string[],
  pseudonymOf: PseudonymOf,
): T {
  const erased = (value: unknown, field: Field): unknown => {
    const part = field.of.find((one) => parts.includes(one));
    if (part === undefined || field.erase === undefined || value === null) return value;
    return field.erase(value, pseudonymOf, part);
  };
  return changed(record, fields, erased) as T;
}

/** What of `record` the people with these `parts` may be shown: nothing that is another person's alone. */
export const shownTo = (record: object, fields: FieldTree, parts: readonly string[]): unknown =>
  changed(record, fields, (value, { of }) =>
    of.length === 0 || of.some((part) => parts.includes(part)) ? value : undefined,
  );

/** `value` with each declared field as `change` makes it; undefined removes it. What is not declared stays. */
function changed(
  value: unknown,
  tree: FieldTree,
  change: (value: unknown, field: Field) => unknown,
): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]): readonly [string, unknown] => {
    const node = tree[name];
    if (node === undefined) return [name, inner];
    if (isField(node)) return [name, change(inner, node)];
    if ("within" in node) return [name, changed(inner, node.within, change)];
    return [name, Array.isArray(inner) ? inner.map((one) => changed(one, node.each, change)) : inner];
  });
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}

/** The paths of fields in `record` that are not declared, such as `lines[].weight`. */
export function undeclaredIn(record: unknown, tree: FieldTree, path = ""): readonly string[] {
  if (typeof record !== "object" || record === null) return [];
  return Object.entries(record).flatMap(([name, value]) => {
    const node = tree[name];
    if (node === undefined) return [path + name];
    if (isField(node)) return [];
    if ("within" in node) return undeclaredIn(value, node.within, `${path}${name}.`);
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    return [...new Set(items.flatMap((one) => undeclaredIn(one, node.each, `${path}${name}[].`)))];
  });
}

/** All declared fields by their paths. */
export function* declaredIn(tree: FieldTree, path = ""): Generator<readonly [path: string, field: Field]> {
  for (const [name, node] of Object.entries(tree)) {
    if (isField(node)) yield [path + name, node];
    else if ("within" in node) yield* declaredIn(node.within, `${path}${name}.`);
    else yield* declaredIn(node.each, `${path}${name}[].`);
  }
}
