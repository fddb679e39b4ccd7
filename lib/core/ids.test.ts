import { expect, test } from "@jest/globals";
import { validate } from "uuid";
import { derivedId } from "./ids.ts";

test("parts of a derived id can't run into each other", () => {
  expect(derivedId("a", "bc")).not.toBe(derivedId("ab", "c"));
  expect(validate(derivedId("", ""))).toBe(true);
});

// Ids are stored: another namespace would lose every idempotency record and every event that is delivered twice.
test("a derived id never changes", () => {
  expect(derivedId("notification", "event", "user")).toBe("2a99e228-14ae-506d-be14-1bdbc23432f1");
});
