import { describe, expect, test } from "@jest/globals";
import { parseEnvText } from "./env-text.ts";
import { ENV_TEXTS } from "./test-env-texts.ts";

describe("the text of a .env file", () => {
  test.each(ENV_TEXTS)("%j sets X to %j", (text, x) => {
    expect(parseEnvText(text).values["X"]).toBe(x);
  });

  test("of ordinary lines gives no warning", () => {
    const text = "# comment\n\nexport A=1 # one\nB='2'\nC=\"3\n4\"\nD=it's\nE='a' 'b'\n";
    expect(parseEnvText(text).warnings).toEqual([]);
  });

  test.each([
    ["A=1\nB 2\nC=3", ["line 2 is not NAME=value, and is left out"]],
    ["A='1\n2'\n: 3", ["line 3 is not NAME=value, and is left out"]],
    ["A='x", ["line 1: the quote of A is not closed, and is taken for part of it"]],
    ["A=1\nB=2\nA=3", ["line 3: A is set above as well; the last counts"]],
  ])("%j gives a warning that names the line, and no value", (text, warnings) => {
    expect(parseEnvText(text).warnings).toEqual(warnings);
  });

  test("does not take long, whatever is in it", () => {
    const text = "A='x\nB=\"y\n".repeat(2_000);
    expect(parseEnvText(text).warnings.length).toBeGreaterThan(1_000);
  });

  test("may name what every object has", () => {
    expect(parseEnvText("toString=a\n__proto__=b\nX=c").values).toMatchObject({ toString: "a", X: "c" });
  });
});
