// How a function's code is bundled for AWS.

import { basename, extname, join } from "node:path";
import { build } from "esbuild";
import { absentParts, isAbsent } from "./absent-parts.ts";
import plugins, { hasLargeParts } from "./esbuild-plugins.ts";
import { smallMap } from "./source-map.ts";

/** Packages written for require() still call it, once bundled. */
const BANNER = `const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);`;

export interface Bundle {
  readonly code: Uint8Array;
  /** Its source map, for the file of the same name that ends in `.map`. */
  readonly map: Uint8Array;
  /** Files that its code imports, some of them on demand, and their maps: by name, for the folder in which the code is. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
  /** Files that it was made of, relative to the working folder. */
  readonly inputs: readonly string[];
}

/** The bundle, an ES module, of the file `entry` with what it imports. Rejects with esbuild's own error. */
export async function bundleOf(entry: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    outdir: "bundles",
    bundle: true,
    // A large part that is loaded on demand costs nothing before. Small ones are better read at once, with all else.
    splitting: hasLargeParts(entry),
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    mainFields: ["module", "main"],
    // The Nacos client is for machines that have a registry; on AWS the stack's own URLs are used
    // (lib/discovery/registry/static.ts). The AWS SDK is bundled: the runtime's own changes under our feet and loads more slowly.
    external: ["nacos"],
    plugins: [absentParts(entry), ...plugins],
    // Without a comment in the code that names it: Node.js would read it at each start.
    sourcemap: "external",
    sourcesContent: false,
    inject: [join(import.meta.dirname, "real-places.ts")],
    banner: { js: BANNER },
    metafile: true,
    write: false,
    logLevel: "silent",
    // What stands for a package may lack something of it: here, and not when a request needs it.
    logOverride: { "import-is-undefined": "error" },
  } as const);
  const named = `${basename(entry, extname(entry))}.mjs`;
  const parts = new Map<string, Uint8Array>();
  for (const { path, contents, text } of outputFiles)
    parts.set(basename(path), path.endsWith(".map") ? smallMap(text) : contents);
  const [code, map] = [parts.get(named), parts.get(`${named}.map`)];
  if (code === undefined || map === undefined) throw new Error(`${entry} has no bundle`);
  parts.delete(named);
  parts.delete(`${named}.map`);
  return { code, map, parts, inputs: Object.keys(metafile.inputs).filter((path) => !isAbsent(path)) };
}
