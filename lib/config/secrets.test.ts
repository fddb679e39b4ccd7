import { expect, test } from "@jest/globals";
import { guessableSecrets, isReference, isStrong } from "./secrets.ts";

test("a reference that nobody resolved is no secret, however long it is", () => {
  const reference = "{{resolve:secretsmanager:cfmp-order:SecretString:key}}";
  expect(isReference(reference)).toBe(true);
  expect(isStrong(reference)).toBe(false);
  expect(isStrong("k".repeat(31))).toBe(false);
  expect(isStrong("k".repeat(32))).toBe(true);
});

test("a secret of a few characters is named, whatever it is for; an empty one is not set", () => {
  const env = {
    ANY_SECRET: "a",
    LONG_SECRET: "k".repeat(16),
    NO_SECRET: "",
    SECRETS: "a",
    UNSET_SECRET: undefined,
  };
  expect(guessableSecrets(env)).toEqual(["ANY_SECRET must have at least 16 characters with DEBUG=False"]);
});
