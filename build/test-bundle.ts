// Bundles of functions for tests, made as they are for AWS.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleOf } from "./bundle.ts";

const FUNCTIONS = join(import.meta.dirname, "..", "functions");

/** A folder for bundles; `remove` it when the tests are over. */
export function bundles() {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-bundles-"));
  return {
    /** Bundles a file below `functions/`; `has` says whether a file whose path contains `text` is part of it. */
    async bundle(entry: string) {
      const { code, map, parts, inputs } = await bundleOf(join(FUNCTIONS, entry));
      const outfile = join(folder, `${entry.replaceAll("/", "-")}.mjs`);
      writeFileSync(outfile, code);
      writeFileSync(`${outfile}.map`, map);
      for (const [name, content] of parts) writeFileSync(join(folder, name), content);
      return { outfile, has: (text: string) => inputs.some((input) => input.includes(text)) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
