// Stands for `zod` in bundles: as much of it as contracts and settings use. It reads what zod reads and refuses what zod refuses, with the
// same codes, paths and messages (index.test.ts compares them). zod itself is 28 KiB of each zip, and it makes for each schema what
// documents, other languages and asynchronous checks need, which is a fifth of a start.

export { array, discriminatedUnion, looseObject, object, record, strictObject, union } from "./containers.ts";
export { Schema, ZodError } from "./schema.ts";
export { boolean, custom, enum, int, iso, literal, number, string, unknown, uuid } from "./values.ts";

import type { Schema } from "./schema.ts";

export const optional = (schema: Schema): Schema => schema.optional();

/** What a transformation returns that has added an issue. */
export const NEVER = undefined;

/** What documents say of a schema is no part of a bundle. */
export const globalRegistry = { get: (): undefined => undefined };
