// The pages of the documentation, as the tests of this folder read them. A page is named by its path from the root.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export const root = join(import.meta.dirname, "..", "..", "..");

export const textOf = (page: string): string => readFileSync(join(root, page), "utf8");

/** The lines of a page that `start` matches. */
export const linesOf = (page: string, start: RegExp): string[] =>
  textOf(page)
    .split("\n")
    .filter((line) => start.test(line));

/** Blocks of code, also those that are a part of a list. */
export const CODE_BLOCK = /^ *```[\s\S]*?^ *```/gm;

/** Without blocks of code, in which `#` begins no heading. */
export const withoutCode = (text: string): string => text.replace(CODE_BLOCK, "");

/** As GitHub makes them: lower case, punctuation gone, spaces as hyphens. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replace(/ /g, "-");

/** Anchors of all headings of a text, in their order. */
export const anchorsOf = (text: string): string[] =>
  withoutCode(text)
    .split("\n")
    .flatMap((line) => /^#{1,6} +(.*)$/.exec(line)?.[1] ?? [])
    .map(anchorOf);

/** The targets of all links of a text, those to other sites too. */
export const linksOf = (text: string): string[] =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);

/** The file, from the root, and the anchor that a link of `page` leads to; not for links to other sites. */
export function destinationOf(page: string, target: string): { file: string; anchor: string | undefined } {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : relative(root, join(root, dirname(page), decodeURIComponent(path)));
  return { file, anchor: anchor === undefined ? undefined : decodeURIComponent(anchor) };
}

export const exists = (file: string): boolean => existsSync(join(root, file));
