import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseStrictJson } from "./strict-json.ts";

const refusal = (code: string) => expect.objectContaining({ kind: "malformed", code });
const tooDeep = expect.objectContaining({ kind: "invalid", code: "body_invalid" });

test("what JSON.stringify writes is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 2, "\t"), (value, space) => {
      const text = JSON.stringify(value, null, space);
      expect(parseStrictJson(text)).toEqual(JSON.parse(text));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  '{"a":1,"A":2,"a ":3}',
  '[{"a":1},{"a":1}]',
  '{"a":{"a":"a"}}',
  '{"a":"a","b":"a"}',
  '["a","a"]',
  ' {"\\"":1,"\\\\":2} ',
])("no key of %s comes twice", (text) => {
  expect(parseStrictJson(text)).toEqual(JSON.parse(text));
});

test.each([
  '{"a":1,"a":2}',
  '{"a":1,"a":1}',
  '{"a" :1, "b":{},\n"a"\t:2}',
  '{"a":1,"\\u0061":2}',
  '{"x":[{"y":{"a":1,"b":2,"a":3}}]}',
  '{"a":"{","a":"}"}',
  '{"":1,"":2}',
  '{"\\"a":1,"\\"a":2}',
  '{"é":1,"\\u00e9":2}',
  '{"a":[],"b":"\\\\","a":[]}',
])("%s has a key twice", (text) => {
  expect(() => parseStrictJson(text)).toThrow(refusal("json_duplicate_key"));
});

describe("nesting", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

  test("of 32 levels is taken, of more it is not", () => {
    expect(parseStrictJson(nested(32))).toBeDefined();
    expect(() => parseStrictJson(nested(33))).toThrow(tooDeep);
    expect(() => parseStrictJson(`${'{"a":'.repeat(33)}1${"}".repeat(33)}`)).toThrow(tooDeep);
  });

  test("of a quarter of a million levels ends as a refusal, not as an overflow", () => {
    expect(() => parseStrictJson(nested(250_000))).toThrow(tooDeep);
    expect(() => parseStrictJson("[".repeat(500_000))).toThrow(refusal("json_malformed"));
  });
});

test.each(["", "{", "nul", "{'a':1}", '{"a":1,}', "\ufeff{}", '"a', "NaN", "01"])("%j is no JSON", (text) => {
  expect(() => parseStrictJson(text)).toThrow(refusal("json_malformed"));
});

test("100,000 keys and a string of half a megabyte are read in one go", () => {
  const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, at]));
  expect(parseStrictJson(JSON.stringify(keys))).toEqual(keys);
  const long = JSON.stringify({ a: '"\\'.repeat(100_000) });
  expect(parseStrictJson(long)).toEqual(JSON.parse(long));
});
