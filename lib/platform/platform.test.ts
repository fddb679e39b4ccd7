import { afterAll, expect, jest, test } from "@jest/globals";

const before = { ...process.env };
afterAll(() => {
  process.env = before;
});

test.each([
  [{ SECRET_KEY: "" }, /SECRET_KEY is missing/],
  [{ SECRET_KEY: "k".repeat(31) }, /SECRET_KEY must have at least 32 characters/],
  [
    { SECRET_KEY: "k".repeat(32), SECRET_KEY_FALLBACKS: `${"o".repeat(32)},short` },
    /SECRET_KEY_FALLBACKS must have keys of at least 32 characters/,
  ],
  [
    { SECRET_KEY: "k".repeat(32), SECRET_KEY_FALLBACKS: "{{resolve:secretsmanager:cfmp/key:SecretString}}" },
    /SECRET_KEY_FALLBACKS must have keys/,
  ],
])("handlers do not begin with %j and without DEBUG", async (settings, why) => {
  Object.assign(process.env, { DEBUG: "False", ...settings });
  // A process reads its settings once.
  jest.resetModules();
  const { platform } = await import("./platform.ts");
  expect(() => platform()).toThrow(
    expect.objectContaining({ code: "config_invalid", message: expect.stringMatching(why) }),
  );
});
