import { expect, test } from "@jest/globals";
import { withSection } from "./section.ts";

const text = "a\n  # Made by npm run generate: teas\n  old\n  # End of teas\nb\n";

test("a section is replaced whole, indented as it begins", () => {
  expect(withSection(text, "teas", ["green:", "", "  hot"])).toBe(
    "a\n  # Made by npm run generate: teas\n  green:\n\n    hot\n  # End of teas\nb\n",
  );
});

test("deriving again changes nothing", () => {
  const once = withSection(text, "teas", ["green"]);
  expect(withSection(once, "teas", ["green"])).toBe(once);
});

test.each(["cups", "a"])("a section that is not there is an error: %s", (name) => {
  expect(() => withSection(text, name, [])).toThrow(`# Made by npm run generate: ${name}`);
});
