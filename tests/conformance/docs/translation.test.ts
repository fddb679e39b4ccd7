// A page with a Chinese twin (NAME.zh-CN.md beside NAME.md) and that twin say the same, and lead to each other.

import { glob } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { exists, linesOf, root } from "./pages.ts";
import { chineseNameOf, differencesOf, englishNameOf, missingTwinLink, pageOf } from "./translation.ts";

/** Punctuation of English beside a Chinese word. */
const HALF_WIDTH = /\p{Script=Han}[,;:!?()]|[,;:!?]\p{Script=Han}/u;

let translations: string[];

beforeAll(async () => {
  const found: string[] = [];
  for await (const page of glob("{*,docs/**/*}.zh-CN.md", { cwd: root })) found.push(page);
  translations = found.toSorted();
});

test("each Chinese page has the sections, tables, commands, code spans and links of the English one", () => {
  expect(translations).toContain("README.zh-CN.md");
  expect(translations.filter((chinese) => !exists(englishNameOf(chinese)))).toEqual([]);
  expect(
    translations.flatMap((chinese) => differencesOf(pageOf(englishNameOf(chinese)), pageOf(chinese))),
  ).toEqual([]);
});

test("each page that an operator needs has a Chinese twin: guides, settings, security, privacy", async () => {
  const needed: string[] = [];
  for await (const page of glob("docs/{guides/*,settings,security,privacy}.md", { cwd: root }))
    needed.push(page);
  const english = needed.filter((page) => englishNameOf(page) === page);
  expect(english.length).toBeGreaterThan(10);
  expect(english.map(chineseNameOf).filter((twin) => !exists(twin))).toEqual([]);
});

test("each of two such pages leads to the other in its first lines", () => {
  const lacking = translations.flatMap((chinese) => {
    const english = englishNameOf(chinese);
    return [...missingTwinLink(pageOf(english), chinese), ...missingTwinLink(pageOf(chinese), english)];
  });
  expect(lacking).toEqual([]);
});

test("Chinese pages have full-width punctuation beside Chinese words", () => {
  const withoutTargets = (line: string) => line.replace(/\]\([^)]*\)/g, "]");
  const wrong = [...translations, "docs/glossary.md"].flatMap((page) =>
    linesOf(page, /\p{Script=Han}/u)
      .filter((line) => HALF_WIDTH.test(withoutTargets(line)))
      .map((line) => `${page}: ${line}`),
  );
  expect(wrong).toEqual([]);
});

describe("what is said about a translation", () => {
  const text = [
    "# Title",
    "",
    "Run `a` or [b](b.md).",
    "",
    "```sh",
    "a --x   # once",
    "```",
    "",
    "| a | b |",
    "| - | - |",
    "",
  ];
  const english = { name: "docs/a.md", text: text.join("\n") };
  const differences = (changed: string) =>
    differencesOf(english, { name: chineseNameOf(english.name), text: changed }, (_, target) => target);

  test("nothing, if words and comments alone are others", () => {
    expect(differences(english.text.replace("Title", "标题").replace("# once", "# 一次"))).toEqual([]);
  });

  test.each([
    ["## Title", "# Title", 'the level of heading 1 is "##", in docs/a.md "#"'],
    ["a --y", "a --x", 'block of code 1 is "```sh\\na --y\\n```", in docs/a.md "```sh\\na --x\\n```"'],
    ["| a |", "| a | b |", 'the cells of table 1 is "1 2", in docs/a.md "2 2"'],
    ["Run or", "Run `a` or", "lacks `a`"],
    ["Run `a`, `a` or", "Run `a` or", "has `a`, which docs/a.md has not, or not so often"],
    ["b.", "[b](b.md).", "lacks the link b.md"],
    ["[b](b.md), [c](c.md).", "[b](b.md).", "has the link c.md, which docs/a.md has not"],
  ])("%s instead of %s", (after, before, sentence) => {
    expect(differences(english.text.replace(before, after))).toEqual([`docs/a.zh-CN.md: ${sentence}`]);
  });

  test("that it does not lead to its original", () => {
    expect(missingTwinLink(english, "docs/a.zh-CN.md")).toEqual([
      "docs/a.md lacks a link to a.zh-CN.md in its first lines",
    ]);
  });
});
