// What a translation must not change: headings by level, tables by rows and cells, code without its comments, code spans, links.

import { basename } from "node:path";
import { anchorsOf, CODE_BLOCK, destinationOf, exists, linksOf, textOf, withoutCode } from "./pages.ts";

export interface Page {
  readonly name: string;
  readonly text: string;
}

export const pageOf = (name: string): Page => ({ name, text: textOf(name) });

export const chineseNameOf = (english: string): string => english.replace(/\.md$/, ".zh-CN.md");
export const englishNameOf = (chinese: string): string => chinese.replace(/\.zh-CN\.md$/, ".md");

/** A comment at the end of a line, or a line that is one. */
const COMMENT = /(^|\s+)#(\s.*)?$/gm;

const headingsOf = ({ text }: Page) => withoutCode(text).match(/^#{1,6} .*/gm) ?? [];
const codeOf = ({ text }: Page) =>
  [...text.matchAll(CODE_BLOCK)].map(([block]) => block.replace(COMMENT, ""));
const spansOf = ({ text }: Page) => [...withoutCode(text).matchAll(/`([^`]+)`/g)].map(([span]) => span);

/** Each row of each table as its number of cells: `3 3 3`. A `|` in code is none of a table's. */
const tablesOf = ({ text }: Page) =>
  [...withoutCode(text).matchAll(/(?:^\|.*\n?)+/gm)].map(([table]) =>
    table
      .trim()
      .split("\n")
      .map((row) => row.replace(/`[^`]*`/g, "").split("|").length - 2)
      .join(" "),
  );

/** What of `wanted` is not in `found`, each as often as it is missing. */
function missing(wanted: readonly string[], found: readonly string[]): string[] {
  const left = [...found];
  return wanted.filter((one) => {
    const index = left.indexOf(one);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** The first place where two lists differ, as a sentence's end: `2 is "…", in docs/a.md "…"`. */
function firstDifference(chinese: readonly string[], english: readonly string[], page: string): string[] {
  const index = Array.from({ length: Math.max(chinese.length, english.length) }).findIndex(
    (_, at) => chinese[at] !== english[at],
  );
  if (index < 0) return [];
  const shown = (value: string | undefined) => (value === undefined ? "missing" : JSON.stringify(value));
  return [`${index + 1} is ${shown(chinese[index])}, in ${page} ${shown(english[index])}`];
}

/**
 * The link that the translation has for a link of its original: to the Chinese page where there is one, and there to the heading
 * that has the same place. Links to other sites stay as they are.
 */
function chineseLinkOf(english: string, target: string): string {
  if (/^\w+:/.test(target)) return target;
  const { file, anchor } = destinationOf(english, target);
  const chinese = chineseNameOf(file);
  if (chinese === file || !exists(chinese)) return target;
  const path = chineseNameOf(target.split("#")[0] ?? "");
  if (anchor === undefined) return path;
  const place = anchorsOf(textOf(file)).indexOf(anchor);
  return `${path}#${anchorsOf(textOf(chinese))[place] ?? anchor}`;
}

/** What the translation has to change to be one of `english`, a sentence for each; empty when it is. */
export function differencesOf(
  english: Page,
  chinese: Page,
  linkOf: (english: string, target: string) => string = chineseLinkOf,
): string[] {
  const levels = (page: Page) => headingsOf(page).map((heading) => heading.replace(/ .*/, ""));
  const twins = [basename(english.name), basename(chinese.name)];
  const linksWithoutTwin = ({ text }: Page) => linksOf(text).filter((link) => !twins.includes(link));
  const wantedLinks = linksWithoutTwin(english).map((target) => linkOf(english.name, target));
  const [links, spans] = [linksWithoutTwin(chinese), [spansOf(english), spansOf(chinese)] as const];
  return [
    ...firstDifference(levels(chinese), levels(english), english.name).map(
      (end) => `the level of heading ${end}`,
    ),
    ...firstDifference(tablesOf(chinese), tablesOf(english), english.name).map(
      (end) => `the cells of table ${end}`,
    ),
    ...firstDifference(codeOf(chinese), codeOf(english), english.name).map((end) => `block of code ${end}`),
    ...missing(spans[0], spans[1]).map((span) => `lacks ${span}`),
    ...missing(spans[1], spans[0]).map(
      (span) => `has ${span}, which ${english.name} has not, or not so often`,
    ),
    ...missing(wantedLinks, links).map((link) => `lacks the link ${link}`),
    ...missing(links, wantedLinks).map((link) => `has the link ${link}, which ${english.name} has not`),
  ].map((what) => `${chinese.name}: ${what}`);
}

/** Says that a page does not lead to its twin in another language within its first lines. */
export function missingTwinLink(page: Page, twin: string): string[] {
  const start = page.text.split("\n").slice(0, 12).join("\n");
  return linksOf(start).includes(basename(twin))
    ? []
    : [`${page.name} lacks a link to ${basename(twin)} in its first lines`];
}
