import { expect, test } from "@jest/globals";
import { isReference, isStrong } from "./secrets.ts";

test("a reference that nobody resolved is no secret, however long it is", () => {
  const reference = "{{resolve:secretsmanager:cfmp-order:SecretString:key}}";
  expect(isReference(reference)).toBe(true);
  expect(isStrong(reference)).toBe(false);
  expect(isStrong("k".repeat(31))).toBe(false);
  expect(isStrong("k".repeat(32))).toBe(true);
});
