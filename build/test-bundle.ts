// Bundles of functions for tests, made as serverless.yml has them made.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import plugins from "./esbuild-plugins.ts";

const FUNCTIONS = join(import.meta.dirname, "..", "functions");

/** A folder for bundles; `remove` it when the tests are over. */
export function bundles() {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-bundles-"));
  return {
    /** Bundles a file below `functions/`; `has` says whether a file whose path contains `text` is part of it. */
    bundle: (entry: string) => bundle(join(FUNCTIONS, entry), folder, entry.replaceAll("/", "-")),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function bundle(entry: string, folder: string, name: string) {
  const outfile = join(folder, `${name}.mjs`);
  const banner = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`;
  const { metafile } = await build({
    entryPoints: [entry],
    outdir: folder,
    entryNames: name,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    external: ["nacos"],
    plugins,
    metafile: true,
    logLevel: "silent",
    banner: { js: banner },
  });
  const inputs = Object.keys(metafile.inputs).join("\n");
  return { outfile, has: (text: string) => inputs.includes(text) };
}
