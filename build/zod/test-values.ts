// Values at random for a schema of zod: mostly what it takes, now and then something else at any depth.

import fc from "fast-check";
import type * as z from "zod";

/** The part of a schema's definition that says what it is made of. */
interface Definition {
  readonly type: string;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly values?: readonly unknown[];
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
}

/** Texts that some schema takes, and texts at the edges of what they take. */
const TEXTS = [
  ..."0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47 0192F5B0-7C1E-7A54-9D0B-3C1F5E2A8D47 0192f5b0-7c1e-0a54-9d0b-3c1f5e2a8d47".split(
    " ",
  ),
  ..."2026-11-01T12:00:00.000Z 2026-02-29T12:00:00Z 2024-02-29T24:00:00Z 2026-11-01T12:00Z".split(" "),
  ..."299.99 0.00 1e3 1000000000.01 CNY ann pending https://shop.example/hook 100 101 7".split(" "),
  ...[
    "",
    " ",
    "a",
    "two words",
    "\u0000",
    "\ud83d",
    "😀",
    "😀".repeat(60),
    "é".repeat(128),
    "x".repeat(2_001),
  ],
  ..."BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A9u-Ts1XbjhazAkj7I99e8QcYP7DkM dGVzdA whsec_x".split(
    " ",
  ),
];

const NUMBERS = [0, 1, -1, 0.01, 299.99, 1.5, 100, 10_000, 10_001, 65_536, 1e9, 2 ** 53, -(2 ** 53), 1e300];

/** What no schema expects where it stands. */
const STRANGE = fc.constantFrom<unknown>(
  ...[undefined, null, true, 0, "", [], {}, Number.NaN, Number.POSITIVE_INFINITY, [[]], { length: 3 }],
  ...["x".repeat(3_000), Array.from({ length: 1_001 }, () => "x"), { a: { b: null } }, new Date(0)],
);

/** Values for `schema`. */
export function valuesFor(schema: z.ZodType): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 15, arbitrary: fittingFor(schema) }, { weight: 1, arbitrary: STRANGE });
}

function fittingFor(schema: z.ZodType): fc.Arbitrary<unknown> {
  const { type, entries, values, element, shape, valueType, options, innerType, ...definition } =
    schema.def as unknown as Definition;
  if (innerType !== undefined) {
    const absent = fc.constantFrom<unknown>(undefined, null);
    return fc.oneof({ weight: 4, arbitrary: fittingFor(innerType) }, { weight: 1, arbitrary: absent });
  }
  if (definition.in !== undefined) return valuesFor(definition.in);
  if (entries !== undefined) return fc.constantFrom(...Object.values(entries));
  if (values !== undefined) return fc.constantFrom(...values);
  if (element !== undefined) return fc.array(valuesFor(element), { maxLength: 3 });
  if (shape !== undefined) return objectsOf(shape);
  if (valueType !== undefined)
    return fc.dictionary(fc.constantFrom("a", "b", "toString"), valuesFor(valueType));
  if (options !== undefined) return fc.oneof(...options.map(valuesFor));
  if (type === "string")
    return fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: "binary", maxLength: 8 }));
  if (type === "number") return fc.oneof(fc.constantFrom(...NUMBERS), fc.integer({ min: 1, max: 100 }));
  if (type === "boolean") return fc.boolean();
  return STRANGE;
}

/** Objects with the members of `shape`, some without one of them or with one more. */
const objectsOf = (shape: Readonly<Record<string, z.ZodType>>): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fc.record(Object.fromEntries(Object.entries(shape).map(([key, member]) => [key, valuesFor(member)]))),
      fc.oneof({ weight: 8, arbitrary: fc.constant<string[]>([]) }, fc.subarray(Object.keys(shape))),
      fc.oneof(
        { weight: 8, arbitrary: fc.constant("{}") },
        fc.constantFrom('{"more":1}', '{"__proto__":1}', '{"more":null,"a\\"b":2}'),
      ),
    )
    .map(([members, absent, more]) => {
      const given = Object.entries(members).filter(([key]) => !absent.includes(key));
      return Object.fromEntries([...given, ...Object.entries(JSON.parse(more) as object)]);
    });
