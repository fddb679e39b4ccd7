import { expect, test } from "@jest/globals";
import { isStrong } from "./secrets.ts";

test("a secret has 32 characters at least", () => {
  expect(isStrong("k".repeat(31))).toBe(false);
  expect(isStrong("k".repeat(32))).toBe(true);
});

test.each([
  "ssm:/cfmp-order/production/secret-key",
  "secretsmanager:cfmp-order/production#secret-key",
  "{{resolve:secretsmanager:cfmp-order:SecretString:key}}",
])("%s is no secret, since that text is public, however long it is", (reference) => {
  expect(reference.length).toBeGreaterThan(32);
  expect(isStrong(reference)).toBe(false);
});
