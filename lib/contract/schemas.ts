// Schemas that every service's contract uses. They are functions, as those of contracts are: building all of them takes a fifth of a
// cold start on AWS, and a function needs only those of its own route.

import * as z from "zod";
import { once } from "../core/once.ts";
import { INVISIBLE, isBlank, UNREADABLE } from "../core/text.ts";
import { formatAmount, parseAmount } from "../money/money.ts";

/** A schema, or a group of them, that `build` builds when it is first needed, once. */
export const schema = <S>(build: () => S): (() => S) => once(build);

/** The texts that {@link parseAmount} takes. */
const AMOUNT_TEXT = "^(0\\.(0[1-9]|[1-9][0-9]?)|[1-9][0-9]{0,8}(\\.[0-9]{1,2})?|1000000000(\\.00?)?)$";

/** An amount in a request: `299.99` or `"299.99"`, to minor units. */
export const amountInput = schema(() =>
  z
    .union([z.number(), z.string()])
    .transform((value, context) => {
      const minor = parseAmount(value);
      if (minor !== undefined) return minor;
      context.addIssue({
        code: "custom",
        message: "must be a decimal above 0 with at most 2 decimals, such as 299.99",
      });
      return z.NEVER;
    })
    .meta({
      override: {
        anyOf: [
          { type: "number", minimum: 0.01, maximum: 1_000_000_000, multipleOf: 0.01 },
          { type: "string", pattern: AMOUNT_TEXT },
        ],
        description: "A decimal above 0 with at most 2 decimals.",
        examples: [299.99, "299.99"],
      },
    }),
);

/** An amount in a response: `"299.99"`. */
export const amount = schema(() =>
  z.string().meta({ description: "A decimal with 2 decimals.", examples: [formatAmount(29_999)] }),
);

export const currency = schema(() => z.string().meta({ description: "ISO 4217 code.", examples: ["CNY"] }));

export const id = schema(() =>
  z
    .uuid()
    // On input, letters of either case name the same (RFC 9562, 4).
    .toLowerCase()
    .meta({ description: "A UUID.", examples: ["0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47"] }),
);

export const timestamp = schema(() =>
  z.iso.datetime().meta({ description: "RFC 3339, UTC.", examples: ["2026-11-01T12:00:00.000Z"] }),
);

// Patterns must mean the same in JavaScript (with the flag `u`, as JSON Schema has it), Python and Rust, whose fuzzers read
// them: no \w, and \s with the character one lacks. Without lookahead, which fuzzers take minutes to satisfy.
const READABLE = `[^${UNREADABLE}]*$`;
const readable = new RegExp(`^${READABLE}`);
// Not for use here: it can take quadratic time.
export const NOT_BLANK = `^[^${UNREADABLE}]*[^${INVISIBLE}${UNREADABLE}]${READABLE}`;

/** Readable text of `min` to `max` characters (code points); unless it may be empty, at least one of them is visible. */
export const text = (max: number, min = 1) =>
  z
    .string()
    .regex(readable, "must be readable text")
    .refine((value) => value.isWellFormed(), "must be whole characters")
    .refine((value) => lengthWithin(value, min, max), `must have ${min} to ${max} characters`)
    .refine((value) => min === 0 || !isBlank(value), "must not be blank")
    .meta({ override: { minLength: min, maxLength: max, ...(min > 0 ? { pattern: NOT_BLANK } : {}) } });

/** JSON Schema counts code points; a string's `length` counts some of them twice. */
function lengthWithin(value: string, min: number, max: number): boolean {
  if (value.length > 2 * max) return false;
  const { length } = value.length > max ? [...value] : value;
  return length >= min && length <= max;
}

/** A user's id as tokens carry it. */
export const userId = schema(() =>
  z
    .string()
    .regex(/^[A-Za-z0-9_.:@|-]{1,128}$/, "must be a user id")
    .meta({ description: "A user's id: letters, digits and . : @ | _ -" }),
);

export const idParams = schema(() => z.object({ id: id() }));

/** `limit` and `cursor` of every list; `pagesOf` in lib/http makes a page of them. */
export const pageQuery = schema(() => ({
  limit: z
    .string()
    .regex(/^([1-9][0-9]?|100)$/, "must be a whole number from 1 to 100")
    .transform(Number)
    .optional()
    .meta({
      description:
        "Most entries of the page. The operator sets what counts without it, and the most there may be.",
      override: { type: "integer", minimum: 1, maximum: 100, default: 10 },
    }),
  cursor: z
    .string()
    .max(2_000)
    .optional()
    .meta({
      description: "`next_cursor` of the page before.",
      // The form of a cursor. The list itself refuses any other text, as it refuses a cursor of another list.
      override: { pattern: "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]{22}$" },
    }),
}));

/** One page of a list. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next_cursor: z.string().nullable().meta({
      description:
        "Cursor of the next page; null on the last. A page of large entries has fewer than `limit`, and others may follow it.",
    }),
  });

/** RFC 9457. */
export const problem = schema(() =>
  z
    .object({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      code: z.string().meta({ description: "Stable; see the error table in the documentation." }),
      detail: z.string(),
      errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
      trace_id: z.string(),
    })
    .meta({ id: "Problem" }),
);

export const healthReport = schema(() =>
  z
    .object({
      status: z.enum(["ok", "degraded", "down"]),
      service: z.string(),
      instance: z.string(),
      version: z.string(),
      uptime_s: z.number(),
      checks: z.record(z.string(), z.enum(["ok", "degraded", "down"])),
      reasons: z
        .record(z.string(), z.string())
        .optional()
        .meta({ description: "Why a check is not ok, by its name, where that is known." }),
      config: z
        .object({
          source: z.enum(["nacos", "parameter", "kept", "environment"]),
          md5: z.string().nullable(),
          refused: z.boolean(),
        })
        .optional()
        .meta({
          description: "The live configuration: where it is from, and whether what is published is refused.",
        }),
      outbox: z
        .object({
          lag_s: z.int().meta({ description: "How long the longest overdue delivery has waited." }),
          parked: z.int().meta({ description: "Aggregates with a parked delivery; up to 100." }),
        })
        .optional(),
    })
    .meta({ id: "Health" }),
);
