import { expect, test } from "@jest/globals";
import { templateOf } from "./template.ts";

test("every text is replaced wherever it stands, the rest stays", () => {
  const value = {
    id: { S: "a-1" },
    doc: { S: 'of a-1 and user-7, "a-1"' },
    n: 3,
    list: ["user-7", null, true],
  };
  const copy = templateOf(value, ["a-1", "user-7"]);
  expect(copy(["b", "c"])).toEqual({
    id: { S: "b" },
    doc: { S: 'of b and c, "b"' },
    n: 3,
    list: ["c", null, true],
  });
  expect(copy(["a-1", "user-7"])).toEqual(value);
});

test("copies share nothing that can be changed", () => {
  const copy = templateOf({ id: { S: "x" } }, []);
  expect(copy([])).toEqual(copy([]));
  expect(copy([]).id).not.toBe(copy([]).id);
});
