import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { journeys } from "./journeys.ts";
import { keys, page, passedAll, table } from "./page.ts";

const titles = Object.keys(journeys);

test("docs/parity.md has the journeys and the targets that there are: npm run test:parity -- --write", () => {
  const path = join(import.meta.dirname, "..", "..", "..", "docs", "parity.md");
  expect(readFileSync(path, "utf8")).toBe(page(titles));
});

test("a journey that fails at one target, and a target that was not tried, are seen", () => {
  const all = new Set(titles);
  const green = Object.fromEntries(keys.map((key) => [key, all]));
  expect(passedAll(titles, green)).toBe(true);
  const { image: _, ...tried } = green;
  const results = { ...tried, aws: new Set(titles.slice(1)) };
  expect(passedAll(titles, results)).toBe(false);
  const [, , first, second] = table(titles, results).map((line) => line.replaceAll(" ", ""));
  expect([first, second]).toEqual([
    expect.stringMatching(/\|✓\|✓\|✗\|–\|$/),
    expect.stringMatching(/\|✓\|✓\|✓\|–\|$/),
  ]);
});
