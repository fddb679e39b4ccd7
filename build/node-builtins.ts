// A plugin of esbuild: Node.js's own modules are loaded as require() loads them, and when the code that imports them is.

import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

const NAMESPACE = "node-builtin";

/**
 * An ES import of such a module reads all of its exports, and some of these load others that nobody has asked for: `node:fs` loads its
 * promises, and with them the history of a REPL. And esbuild moves the imports of a file that is loaded on demand to the top of the bundle.
 * In a function's start that is 5 to 10 ms of CPU.
 */
export const nodeBuiltins: Plugin = {
  name: "node-builtins",
  setup(build) {
    build.onResolve({ filter: /^(node:)?[a-z_/\d]+$/ }, ({ path }) =>
      isBuiltin(path) ? { path: path.replace(/^node:/, ""), namespace: NAMESPACE } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${path}`)});`,
    }));
  },
};
