import { describe, expect, test } from "@jest/globals";
import { parseJson, parseJsonObject, tried } from "./tried.ts";

test("work that throws gives undefined, any other its result", () => {
  const failing = () => {
    throw new Error("no");
  };
  expect([tried(failing), tried(() => 1), tried(() => null)]).toEqual([undefined, 1, null]);
});

describe("JSON from elsewhere", () => {
  test.each(["", "{", "undefined", '{"a":1}x'])("%j is none", (text) => {
    expect([parseJson(text), parseJsonObject(text)]).toEqual([undefined, undefined]);
  });

  test.each(["1", "null", '"text"', "[]", "true"])("%j is no object", (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
    expect(parseJsonObject(text)).toBeUndefined();
  });

  test("an object is one", () => {
    expect(parseJsonObject('{"a":{"b":1}}')).toEqual({ a: { b: 1 } });
  });
});
