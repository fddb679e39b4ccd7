import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { operations } from "./dynalite.ts";
import { isWellFormed } from "./well-formed.ts";

const store = { options: { maxItemSize: 400 * 1024 } };
const request = (item: unknown) => ({ TableName: "orders", Item: structuredClone(item) });

/** dynalite's verdict on a put of `item`: the item as it would be stored, or its complaint. */
function dynaliteSays(item: unknown): unknown {
  try {
    return operations.get("PutItem")?.check(request(item), store)["Item"];
  } catch (error) {
    return error;
  }
}

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ S: fc.string() }),
    fc.record({ N: fc.oneof(fc.maxSafeInteger().map(String), fc.string(), fc.double().map(String)) }),
    fc.record({ BOOL: fc.oneof(fc.boolean(), fc.constant("true")) }),
    fc.record({ NULL: fc.oneof(fc.boolean(), fc.constant(null)) }),
    fc.record({ SS: fc.array(fc.string()) }),
    fc.record({ S: fc.anything(), N: fc.string() }, { requiredKeys: [] }),
    fc.record({ L: fc.oneof(fc.array(tie("value"), { maxLength: 3 }), fc.anything()) }),
    fc.record({ M: fc.oneof(fc.dictionary(fc.string(), tie("value"), { maxKeys: 3 }), fc.anything()) }),
    fc.constantFrom(null, {}, [], "text", 1),
  ),
}));

describe("The quick look at an item", () => {
  test("passes only what dynalite would store as it is", () => {
    const items = fc
      .dictionary(fc.string({ minLength: 1 }), value, { maxKeys: 4 })
      .map((item) => JSON.stringify(item));
    let passed = 0;
    fc.assert(
      fc.property(items, (text) => {
        const item = JSON.parse(text);
        if (!isWellFormed(item)) return;
        passed += 1;
        expect(dynaliteSays(item)).toEqual(item);
      }),
      { numRuns: 2_000 },
    );
    expect(passed).toBeGreaterThan(200);
  });

  test("passes an order", () => {
    const line = {
      M: { name: { S: "pen" }, quantity: { N: "2" }, gift: { BOOL: false }, note: { NULL: true } },
    };
    expect(isWellFormed({ id: { S: "1" }, total_amount: { N: "29999" }, items: { L: [line] } })).toBe(true);
  });

  test.each([
    [{ a: { N: "1e3" } }],
    [{ a: { N: "01" } }],
    [{ a: { N: "-0" } }],
    [{ a: { S: "x", N: "1" } }],
    [{ a: {} }],
    [{ a: null }],
    [[]],
    [undefined],
  ])("leaves %j to dynalite", (item) => {
    expect(isWellFormed(item)).toBe(false);
  });
});
