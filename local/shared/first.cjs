// What comes before anything else of this project is loaded: the version of Node, its cache of compiled code, and that
// what is written is for its owner alone.

const nodeModule = require("node:module");
const { chmodSync, existsSync, mkdirSync } = require("node:fs");
const { join, resolve } = require("node:path");

const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  const binary = process.platform === "win32" ? "node.exe" : "node";
  const brought = existsSync(join(__dirname, "..", "..", "node_modules", "node", "bin", binary));
  const advice = brought
    ? "npm scripts and npx bring it: use npm start, or npx serverless."
    : "npm brings it unless install scripts are switched off: run npm rebuild node, or install Node.js 24.";
  process.stderr.write(`Node.js ${NEEDED} is needed, this is ${process.version}. ${advice}\n`);
  process.exit(1);
}

if (process.argv[2] === "offline") {
  // Libraries make files without a mode of their own; those that are started from here inherit this.
  process.umask(0o077);
  // Most of what osls and serverless-offline load comes after this point. With a warm cache Node also leaves out its
  // TypeScript parser, 22 MB in each process; those that are started from here take the cache from the environment.
  process.env.NODE_COMPILE_CACHE ||= privateCache(resolve("node_modules/.cache/cfmp-order"));
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
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
