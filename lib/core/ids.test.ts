import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { v5, validate } from "uuid";
import { derivedId } from "./ids.ts";

test("parts of a derived id can't run into each other", () => {
  expect(derivedId("a", "bc")).not.toBe(derivedId("ab", "c"));
  expect(validate(derivedId("", ""))).toBe(true);
});

// Ids are stored: another namespace would lose every idempotency record and every event that is delivered twice.
test("a derived id never changes", () => {
  expect(derivedId("notification", "event", "user")).toBe("2a99e228-14ae-506d-be14-1bdbc23432f1");
});

test("a derived id is a UUID v5 of its parts", () => {
  const namespace = "6f1f6a52-6a0e-5f0b-9a3e-0d6c1f7f5b11";
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (parts) => {
      expect(derivedId(...parts)).toBe(v5(JSON.stringify(parts), namespace));
    }),
    { seed: 1 },
  );
});
