// How a function's code is bundled for AWS.

import { join } from "node:path";
import { type BuildResult, build } from "esbuild";
import plugins from "./esbuild-plugins.ts";
import { smallMap } from "./source-map.ts";

/** Packages written for require() still call it, once bundled. */
const BANNER = `const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);`;

export interface Bundle {
  readonly code: Uint8Array;
  /** Its source map, for the file of the same name that ends in `.map`. */
  readonly map: Uint8Array;
  /** Files that it was made of, relative to the working folder. */
  readonly inputs: readonly string[];
}

/** The bundle, an ES module, of the file `entry` with what it imports. Rejects with esbuild's own error. */
export async function bundleOf(entry: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    outdir: "bundles",
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    mainFields: ["module", "main"],
    // The Nacos client is for machines that have a registry; on AWS the stack's own URLs are used
    // (lib/discovery/registry/static.ts). The AWS SDK is bundled: the runtime's own changes under our feet and loads more slowly.
    external: ["nacos"],
    plugins: [...plugins],
    // Without a comment in the code that names it: Node.js would read it at each start.
    sourcemap: "external",
    sourcesContent: false,
    inject: [join(import.meta.dirname, "real-places.ts")],
    banner: { js: BANNER },
    metafile: true,
    write: false,
    logLevel: "silent",
  } as const);
  const { code, map } = filesOf(outputFiles);
  return { code: code.contents, map: smallMap(map.text), inputs: Object.keys(metafile.inputs) };
}

function filesOf(files: BuildResult<{ write: false }>["outputFiles"]) {
  const [code, map] = ["mjs", "map"].map((ending) => files.find(({ path }) => path.endsWith(`.${ending}`)));
  if (code === undefined || map === undefined || files.length > 2)
    throw new Error("A function is bundled into one file.");
  return { code, map };
}
