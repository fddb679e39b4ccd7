// What stands for zod in bundles reads and refuses as zod does: every schema of every contract, all settings, and schemas made at random.

import { isDeepStrictEqual } from "node:util";
import { expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import * as z from "zod";
import type { Contract } from "../../lib/contract/route.ts";
import * as standIn from "./index.ts";
import { valuesFor } from "./test-values.ts";

/** What a schema makes of a value, in the words that both have. */
type Outcome =
  | { readonly data: unknown }
  | { readonly issues: readonly { code: string; path: PropertyKey[]; message: string }[] };

interface AnySchema {
  safeParse(value: unknown): {
    readonly success: boolean;
    readonly data?: unknown;
    readonly error?: { readonly issues: readonly { code: string; path: PropertyKey[]; message: string }[] };
  };
}

function outcome(schema: AnySchema, value: unknown): Outcome {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return { data };
  return { issues: error.issues.map(({ code, path, message }) => ({ code, path, message })) };
}

/** Expects that `other` makes of `value` what `schema` makes of it; returns that. */
function expectSame(name: string, schema: AnySchema, other: AnySchema, value: unknown): Outcome {
  const expected = outcome(schema, structuredClone(value));
  const found = outcome(other, structuredClone(value));
  // Jest takes a hundred times as long, and there may be thousands of issues.
  if (!isDeepStrictEqual(found, expected)) expect([name, found]).toEqual([name, expected]);
  return expected;
}

/** The same runs each time: a difference is found here, or by whoever changes a schema. */
const SEED = 20_261_101;

/** Modules with zod, and with what stands for it. */
async function both<M>(load: () => Promise<M>): Promise<readonly [M, M]> {
  jest.resetModules();
  jest.unstable_unmockModule("zod");
  const real = await load();
  jest.resetModules();
  jest.unstable_mockModule("zod", () => standIn);
  const own = await load();
  jest.unstable_unmockModule("zod");
  return [real, own];
}

const [real, own] = await both(async () => ({
  ...(await import("../../functions/services.ts")),
  ...(await import("../../lib/config/env.ts")),
  ...(await import("../../lib/config/live-schema.ts")),
}));

/** Schemas of `contract` by the names of their places: those of requests and of replies. */
function schemasOf({ routes }: Contract): ReadonlyMap<string, z.ZodType> {
  const found = new Map<string, z.ZodType>();
  for (const { id, params, query, body, replies } of Object.values(routes)) {
    const parts = Object.entries({ params, query, body });
    const answers = Object.entries(replies).map(([status, { schema }]) => [status, schema] as const);
    for (const [name, schema] of [...parts, ...answers]) if (schema) found.set(`${id} ${name}`, schema);
  }
  return found;
}

test.each(real.services.map(({ contract }) => contract))(
  "schemas of $service's contract read and refuse the same",
  (contract) => {
    const counterpart = own.services.find((one) => one.contract.service === contract.service)?.contract;
    if (counterpart === undefined) throw new Error(`${contract.service} is missing`);
    const standIns = schemasOf(counterpart);
    const runs = { read: 0, refused: 0 };
    for (const [name, schema] of schemasOf(contract)) {
      const other = standIns.get(name);
      if (other === undefined) throw new Error(`${name} is missing`);
      expect(other).toBeInstanceOf(standIn.Schema);
      fc.assert(
        fc.property(valuesFor(schema), (value) => {
          runs["data" in expectSame(name, schema, other, value) ? "read" : "refused"] += 1;
        }),
        { seed: SEED, numRuns: 100 },
      );
    }
    // Both happen often enough to mean something.
    expect(runs.read).toBeGreaterThan(300);
    expect(runs.refused).toBeGreaterThan(300);
  },
);

/** Texts for settings: right for some, wrong for others. */
const SETTING_TEXTS = fc.oneof(
  fc.constantFrom("", "True", "0", "8001", "65536", "off", "127.0.0.1", "0.0.0.0", "::1", "shop.example"),
  fc.constantFrom("https://shop.example", "http://u:p@shop.example/", "smtp://mail.example:25", "ftp://x"),
  fc.constantFrom("a@b.example", "Shop <a@b.example>", "*", ".shop.example,x", "auto", "v3", "debug", "/a/b"),
  fc.string({ maxLength: 12 }),
);

test("settings are refused with the same lines", () => {
  const names = [...real.SETTINGS, ...real.services.flatMap(({ settings }) => settings?.names ?? [])];
  const settings = fc.dictionary(fc.constantFrom(...names), SETTING_TEXTS, { maxKeys: 12 });
  const problems = ({ services, configProblems }: typeof real, env: Readonly<Record<string, string>>) => [
    ...configProblems(env),
    ...services.flatMap(({ settings }) => settings?.problems(env, true) ?? []),
  ];
  const seen = new Set<number>();
  fc.assert(
    fc.property(settings, (env) => {
      const expected = problems(real, env);
      seen.add(expected.length);
      expect(problems(own, env)).toEqual(expected);
    }),
    { seed: SEED, numRuns: 2_000 },
  );
  expect(seen.size).toBeGreaterThan(5);
});

test("settings are read to the same values", () => {
  const env = { SECRET_KEY: "a key of this test alone, as long as it has to be", DEBUG: "on" };
  const further = {
    ALLOWED_HOSTS: "*, .shop.example",
    CORS_ORIGINS: "https://a.example",
    GATEWAY_PORT: "off",
  };
  for (const given of [env, { ...env, ...further, ORDER_EXPIRY_MINUTES: "7", NACOS_SERVER: "10.0.0.1:8848" }])
    expect(own.loadConfig(given)).toEqual(real.loadConfig(given));
});

/** What contracts don't use, and what readers of other systems' replies do. */
const FURTHER: Readonly<Record<string, (from: typeof z) => z.ZodType>> = {
  "a record with a value in its place": ({ record, string, unknown }) =>
    record(string(), unknown()).catch({}),
  "a record with refused keys": ({ record, string, int }) => record(string().max(1), int()),
  "a loose object": ({ looseObject, number, string }) =>
    looseObject({
      code: number(),
      data: looseObject({ content: string().nullish() }).nullish().catch(undefined),
    }),
  "an extended object": ({ strictObject, string, boolean }) =>
    strictObject({ a: string() }).extend({ b: boolean().optional(), a: string().min(2).catch("") }),
  "an object with a member that is refused when it is absent": ({ object, unknown, string }) =>
    object({ a: unknown(), b: string().nullable(), c: unknown().optional() }),
  "defaults at several depths": ({ object, array, string, int }) =>
    object({
      a: string().default("x").optional(),
      b: array(int()).default([1]).nullable(),
      c: object({ d: int().default(1) }).optional(),
      e: int().nullable().default(null),
    }),
  "a union by a literal": ({ discriminatedUnion, object, literal, int }) =>
    discriminatedUnion("type", [
      object({ type: literal("since"), position: int().min(0).optional() }),
      object({ type: literal("ping") }),
    ]),
  "a union of texts and numbers within bounds": ({ union, string, number, object }) =>
    union([string().min(2), number().max(7), object({ a: string() })]),
  "transformations one after the other": ({ string, NEVER }) =>
    string()
      .default("7")
      .transform((text, context) => {
        if (text !== "") return text.length;
        context.addIssue({ code: "custom", message: "must not be empty" });
        return NEVER;
      })
      .refine((length) => length < 9, "must be short")
      .transform((length) => ({ length })),
  "a pipe": ({ string, object }) =>
    string()
      .transform((text): unknown => ({ text }))
      .pipe(object({ text: string().min(1).max(3) })),
  "what a function says": ({ custom, array, int, union }) =>
    union([array(custom<unknown[]>(Array.isArray)).min(1).readonly(), int()]).optional(),
  "an object with a check of its own": ({ strictObject, int }) =>
    strictObject({ a: int().optional(), b: int().max(5).optional() }).refine(
      ({ a, b }) => a !== undefined || b !== undefined,
      { error: "must have a or b" },
    ),
};

test.each(Object.entries(FURTHER))("%s", (name, make) => {
  const schema = make(z);
  const other = make(standIn as unknown as typeof z);
  fc.assert(
    fc.property(valuesFor(schema), (value) => void expectSame(name, schema, other, value)),
    { seed: SEED, numRuns: 300 },
  );
});

test("what is refused is an error that names it", () => {
  for (const { object, string } of [z, standIn as unknown as typeof z]) {
    const refused = () => object({ a: string() }).parse({ a: 1 });
    expect(refused).toThrow(
      expect.objectContaining({
        name: "ZodError",
        message: expect.stringContaining("Invalid input: expected string, received number"),
      }),
    );
  }
});
