// What esbuild does to bundles beyond its options in serverless.yml.

import { join } from "node:path";
import type { Plugin } from "esbuild";

/** Puts the used part of undici in the place of the whole. */
const undiciParts: Plugin = {
  name: "undici-parts",
  setup(build) {
    build.onResolve({ filter: /^undici$/ }, () => ({ path: join(import.meta.dirname, "undici.js") }));
  },
};

export default [undiciParts];
