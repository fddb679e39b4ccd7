// What the control room's page may import. It runs in a browser, so nothing of the server: the contract of the API alone, and the types that
// services have for it. (The parser of the import graph can't read .tsx.)

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withoutComments } from "./source.ts";

const PAGE = "local/control-room/page";
/** Its own files, contracts of the whole (`api.ts`) and of a part, and types of services. */
const ALLOWED =
  /^(\.\/[\w.-]+|\.\.\/api\.ts|\.\.\/([\w-]+\/)?([\w-]+-)?contract\.ts|(\.\.\/){3}functions\/control-room\.ts)$/;
const PACKAGES = ["preact", "preact/hooks", "uplot", "uplot/dist/uPlot.min.css"];
/** In tests also what runs them. */
const IN_TESTS = ["@jest/globals"];

const IMPORT = /\b(?:from|import)\s*\(?\s*"([^"]+)"/g;

/** `line: path` for each import in the page's `source` that it may not have. */
export function foreignImportsIn(source: string, packages: readonly string[] = PACKAGES): string[] {
  return withoutComments(source)
    .split("\n")
    .flatMap((line, index) =>
      [...line.matchAll(IMPORT)].flatMap(([, path = ""]) =>
        ALLOWED.test(path) || packages.includes(path) ? [] : [`${index + 1}: ${path}`],
      ),
    );
}

/** All such imports of the page below `root`, as `file:line: path`. */
export const foreignImports = (root: string): string[] =>
  globSync(`${PAGE}/**/*.{ts,tsx}`, { cwd: root }).flatMap((path) => {
    const packages = path.includes(".test.") ? [...PACKAGES, ...IN_TESTS] : PACKAGES;
    return foreignImportsIn(readFileSync(join(root, path), "utf8"), packages).map(
      (found) => `${path}:${found}`,
    );
  });
