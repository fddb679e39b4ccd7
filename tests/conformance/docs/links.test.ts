import { existsSync, readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..", "..");

interface Link {
  readonly page: string;
  readonly target: string;
}

/** As GitHub makes them: lower case, punctuation gone, spaces as hyphens. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replace(/ /g, "-");

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, "");

const headingsOf = (path: string): Set<string> => {
  const lines = withoutCode(readFileSync(join(root, path), "utf8")).split("\n");
  return new Set(lines.flatMap((line) => /^#{1,6} +(.*)$/.exec(line)?.[1] ?? []).map(anchorOf));
};

function brokenReason({ page, target }: Link): string | undefined {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : relative(root, join(root, dirname(page), decodeURIComponent(path)));
  if (!existsSync(join(root, file))) return `${page}: ${target} does not exist`;
  if (anchor === undefined || !file.endsWith(".md")) return undefined;
  return headingsOf(file).has(decodeURIComponent(anchor)) ? undefined : `${page}: no heading ${target}`;
}

let links: Link[];

beforeAll(async () => {
  const pages: string[] = [];
  for await (const page of glob("{*.md,{docs,lib,local,functions,tests,bench}/**/*.md}", { cwd: root }))
    pages.push(page);
  links = pages.flatMap((page) => {
    const text = withoutCode(readFileSync(join(root, page), "utf8"));
    return [...text.matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].map(([, target = ""]) => ({ page, target }));
  });
});

test("every link between the documents leads to a page and a heading that exist", () => {
  expect(links.length).toBeGreaterThan(50);
  expect(links.flatMap((link) => brokenReason(link) ?? [])).toEqual([]);
});

test("a page that does not exist is noticed, and a heading as well", () => {
  expect(brokenReason({ page: "README.md", target: "docs/none.md" })).toMatch(/does not exist/);
  expect(brokenReason({ page: "README.md", target: "docs/security.md#none" })).toMatch(/no heading/);
});

test("decisions are numbered without a gap", async () => {
  const numbers: string[] = [];
  for await (const name of glob("*.md", { cwd: join(root, "docs/decisions") }))
    numbers.push(name.slice(0, 3));
  numbers.sort();
  expect(numbers).toEqual(numbers.map((_, index) => String(index + 1).padStart(3, "0")));
});
