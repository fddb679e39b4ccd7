import { glob } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { anchorsOf, destinationOf, exists, linksOf, root, textOf } from "./pages.ts";

interface Link {
  readonly page: string;
  readonly target: string;
}

function brokenReason({ page, target }: Link): string | undefined {
  const { file, anchor } = destinationOf(page, target);
  if (!exists(file)) return `${page}: ${target} does not exist`;
  if (anchor === undefined || !file.endsWith(".md")) return undefined;
  return anchorsOf(textOf(file)).includes(anchor) ? undefined : `${page}: no heading ${target}`;
}

let links: Link[];

beforeAll(async () => {
  const pages: string[] = [];
  for await (const page of glob("{*.md,{docs,lib,local,functions,tests,bench}/**/*.md}", { cwd: root }))
    pages.push(page);
  links = pages.flatMap((page) =>
    linksOf(textOf(page))
      .filter((target) => !/^\w+:/.test(target))
      .map((target) => ({ page, target })),
  );
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
