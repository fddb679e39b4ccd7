// The pages name files, scripts and terms that exist.

import { existsSync } from "node:fs";
import { glob } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { linesOf, root, textOf } from "./pages.ts";

const scripts: Record<string, string> = JSON.parse(textOf("package.json")).scripts;
const FOLDERS = "build|bench|docs|functions|lib|local|tests|tools";
const PATH = new RegExp(`^(${FOLDERS})/[\\w./-]+$`);

/** Files and npm scripts that code spans of `page` name and that do not exist; generated folders are not looked for. */
function missingFrom(page: string): string[] {
  const spans = [...textOf(page).matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
  const places = [root, join(root, dirname(page))];
  return spans.flatMap((span) => {
    const script = /^npm run (?:-s )?([\w:-]+)/.exec(span)?.[1];
    if (script !== undefined && scripts[script] === undefined) return [`${page}: npm run ${script}`];
    const missing = PATH.test(span) && !places.some((place) => existsSync(join(place, span)));
    return missing ? [`${page}: ${span}`] : [];
  });
}

test("every file and npm script that a page names exists", async () => {
  const missing: string[] = [];
  for await (const page of glob(`{*.md,{${FOLDERS}}/**/*.md}`, { cwd: root })) {
    if (page !== "CHANGELOG.md") missing.push(...missingFrom(page));
  }
  expect(missing).toEqual([]);
});

test("a folder's README names its files", () => {
  const named = [...textOf("functions/README.md").matchAll(/`([\w-]+(?:\/[\w-]+)+\.ts)`/g)].map(
    ([, path = ""]) => path,
  );
  expect(named.length).toBeGreaterThan(10);
  const places = [join(root, "functions"), root];
  expect(named.filter((path) => !places.some((place) => existsSync(join(place, path))))).toEqual([]);
});

test("the glossary has at most 40 terms, in alphabetical order", () => {
  const terms = linesOf("docs/glossary.md", /^\| (?!term |-)/).map(
    (line) => line.split("|")[1]?.trim() ?? "",
  );
  const words = terms.map((term) => term.replace(/ \(.*|,.*/, ""));
  expect(terms.length).toBeGreaterThan(20);
  expect(terms.length).toBeLessThanOrEqual(40);
  expect(words).toEqual(words.toSorted((one, other) => one.localeCompare(other, "en")));
});
