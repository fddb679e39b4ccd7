// What comes before anything else of this project is loaded: the version of Node, its cache of compiled code, and that
// what is written is for its owner alone.

require("./node-version.cjs");

const nodeModule = require("node:module");
const { chmodSync, mkdirSync } = require("node:fs");
const { resolve } = require("node:path");

if (process.argv[2] === "offline") {
  require("./output-errors.cjs");
  // Libraries make files without a mode of their own; those that are started from here inherit this.
  process.umask(0o077);
  // Most of what osls and serverless-offline load comes after this point. With a warm cache Node also leaves out its
  // TypeScript parser, 22 MB in each process; those that are started from here take the cache from the environment.
  process.env.NODE_COMPILE_CACHE ||= privateCache(resolve("node_modules/.cache/cfmp-order"));
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  require("./own-imports.cjs");
  require("./http-without-undici.cjs");
  require("./zod-in-english.cjs");
}

/** What lies there is run, so nobody else may write to it. A project that cannot be written goes without. */
function privateCache(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o700);
  } catch {
    // Node.js leaves the cache out, too.
  }
  return folder;
}
