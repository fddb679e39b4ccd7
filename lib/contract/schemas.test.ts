import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as z from "zod";
import { createDocument } from "zod-openapi";
import { sealCursor } from "../http/cursor.ts";
import { formatAmount, MAX_AMOUNT, parseAmount } from "../money/money.ts";
import { amountInput, id, pageQuery, text, userId } from "./schemas.ts";

/** What OpenAPI says of `schema` as part of a request. */
function published(schema: z.ZodType) {
  const { paths } = createDocument({
    openapi: "3.1.1",
    info: { title: "", version: "" },
    paths: {
      "/": { post: { requestBody: { content: { "application/json": { schema } } }, responses: {} } },
    },
  });
  return JSON.parse(JSON.stringify(paths))["/"].post.requestBody.content["application/json"].schema;
}

const accepts = (schema: z.ZodType, value: unknown): boolean => schema.safeParse(value).success;

describe("an amount's schema says what is taken", () => {
  const [number, string] = published(amountInput()).anyOf;
  const pattern = new RegExp(string.pattern);
  const inRange = (value: number) => value >= number.minimum && value <= number.maximum;
  /** `multipleOf` as most validators reckon it: the quotient of two doubles is whole. */
  const byDivision = (value: number) => inRange(value) && Number.isInteger(value / number.multipleOf);
  /** `multipleOf` as the standard means it: on decimals. */
  const byDecimals = (value: number) => inRange(value) && /^\d+(\.\d{1,2})?$/.test(String(value));

  const minor = fc.integer({ min: 1, max: MAX_AMOUNT });
  const anyNumber = fc.oneof(
    fc.double(),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
    minor.map((units) => units * 0.01),
    minor.map((units) => units / 100),
    minor.map((units) => units / 1_000),
    fc.integer(),
    fc.constantFrom(0, -0, 0.01, 0.005, 0.335, 1e9, 1e9 + 0.01, 1e9 + 2e-7, 1e21, 35 * 0.01, 0.1 + 0.2),
  );

  test("for numbers: all that it admits is taken, reckoned in doubles or in decimals", () => {
    fc.assert(
      fc.property(anyNumber, (value) => {
        if (byDivision(value) || byDecimals(value)) expect(parseAmount(value)).toBeDefined();
      }),
      { numRuns: 5_000 },
    );
  });

  test("for numbers: all that is taken is within a rounding error of what it admits", () => {
    fc.assert(
      fc.property(anyNumber, (value) => {
        const taken = parseAmount(value);
        if (taken === undefined) return;
        expect(inRange(value)).toBe(true);
        expect(byDecimals(Number(formatAmount(taken)))).toBe(true);
        expect(Math.abs(value - taken / 100)).toBeLessThanOrEqual((taken / 100) * 2 ** -51);
      }),
      { numRuns: 5_000 },
    );
  });

  test("for texts: exactly", () => {
    const digits = fc.stringMatching(/^[0-9]{0,11}(\.[0-9]{0,3})?$/);
    const nearMiss = fc.constantFrom("1e3", "+1", "-1", " 1", "1 ", "1\n", "1,000", "0", "0.0", "0.00", "٣");
    const largest = fc.constantFrom(
      "1000000000",
      "1000000000.0",
      "1000000000.00",
      "1000000000.01",
      "999999999.99",
    );
    fc.assert(
      fc.property(fc.oneof(digits, nearMiss, largest, fc.string(), minor.map(formatAmount)), (value) => {
        expect(parseAmount(value) !== undefined).toBe(pattern.test(value));
      }),
      { numRuns: 5_000 },
    );
  });

  test("takes nothing but numbers and texts", () => {
    for (const value of [null, true, [1], {}, undefined]) expect(accepts(amountInput(), value)).toBe(false);
  });
});

describe("a text's schema says what is taken", () => {
  const [short, optional] = [text(10), text(10, 0)];

  test.each([
    ["with a least length", short],
    ["that may be empty", optional],
  ])("%s", (_, schema) => {
    const { minLength, maxLength, pattern } = published(schema);
    const admits = new RegExp(pattern, "u");
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 12 }), (value) => {
        // Lone halves of a character can't be sent as UTF-8, so a schema has nothing to say of them.
        fc.pre(value.isWellFormed());
        const { length } = [...value];
        const admitted = length >= minLength && length <= maxLength && admits.test(value);
        expect(accepts(schema, value)).toBe(admitted);
      }),
      { numRuns: 5_000 },
    );
  });

  test.each(["茶\u{e0100}", "👩\u200d👧", "🏴\u{e0067}\u{e0062}\u{e007f}", "a\u200bb", "\u200fمرحبا"])(
    "takes %j: what is invisible stands beside what is visible",
    (value) => {
      expect(accepts(short, value)).toBe(true);
    },
  );

  test("may have nothing visible where it may be empty", () => {
    expect(accepts(optional, "\u200b")).toBe(true);
  });

  test("counts characters, not halves of them", () => {
    expect(accepts(short, "🙂".repeat(10))).toBe(true);
    expect(accepts(short, "🙂".repeat(11))).toBe(false);
  });

  test.each([
    " ",
    "\t\n",
    "\u3000",
    "\uFEFF",
    "\u200b",
    "\u200d\u2060 \u3164",
    "\u2800",
    "\u{e0041}\u{e0042}",
    "\u0085",
    "a\u0007",
    "\ud83d",
    "",
    "a\u0000",
    "a\u0085",
    "a\u009b",
    "a\u202e",
    "a\u2066",
    "a\ufffd",
  ])("refuses %j", (value) => {
    expect(accepts(short, value)).toBe(false);
  });

  test("is decided at once for a very long text that ends badly", () => {
    // CPU time, which other work on the machine does not add to; a look at each pair of letters takes minutes.
    const before = process.cpuUsage();
    expect(accepts(short, `${"a".repeat(500_000)}\u0000`)).toBe(false);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000);
  });
});

test("a user's id is the same in every language's reading of its pattern", () => {
  expect(published(userId()).pattern).not.toContain("\\w");
  expect(accepts(userId(), "ann.b:c@d|e_f-1")).toBe(true);
  expect(accepts(userId(), "änn")).toBe(false);
});

test.each(["0192F5B0-7C1E-7A54-9D0B-3C1F5E2A8D47", "0192f5b0-7c1e-7a54-9D0B-3c1f5e2a8d47"])(
  "the id %s is read in lower case",
  (given) => {
    expect(id().parse(given)).toBe("0192f5b0-7c1e-7a54-9d0b-3c1f5e2a8d47");
  },
);

test("a limit is published as the whole number that it is", () => {
  expect(published(pageQuery().limit)).toMatchObject({
    type: "integer",
    minimum: 1,
    maximum: 100,
    default: 10,
  });
});

test("what is published of a text admits the same as the schema itself", () => {
  const { pattern, minLength, maxLength } = published(text(20));
  const admits = (value: string) =>
    new RegExp(pattern, "u").test(value) && [...value].length >= minLength && [...value].length <= maxLength;
  const character = fc.constantFrom(
    ..." \t\n\u00ad\u200b\u2800\u3164\u{e0041}\u{e0100}\u0001\u007f\u0085\u009b\u00a0\u2003\u202e\u2069\ufeff\ufffda茶🍵",
  );
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 25 }), (value) => {
      expect(admits(value)).toBe(accepts(text(20), value));
    }),
    { numRuns: 2_000 },
  );
});

test("what is published of a cursor fits the cursors that are given", () => {
  const key = [new Uint8Array(32)];
  const { pattern } = published(z.object({ cursor: pageQuery().cursor })).properties.cursor;
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (after) => {
      expect(sealCursor(key, ["user"], after)).toMatch(new RegExp(pattern));
    }),
  );
});
