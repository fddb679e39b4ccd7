import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { numbered, PROMISES } from "../../tools/promises/promised.ts";

/** The numbered list of a page whose entries begin with a bold name. */
function promisesOf(page: string): string[] {
  const text = readFileSync(join(import.meta.dirname, "..", "..", page), "utf8");
  return [...text.matchAll(/^(\d)\. \*\*([^*.]+)\.?\*\*/gm)].map(
    ([, no, name]) => `${no} ${name?.toLowerCase()}`,
  );
}

test.each(["README.md", "docs/crash-matrix.md"])(
  "%s lists the promises that are checked, by the same numbers",
  (page) => {
    expect(promisesOf(page)).toEqual(PROMISES.map(numbered));
  },
);
