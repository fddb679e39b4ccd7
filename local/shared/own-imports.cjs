// Finds what this project's own files import without Node's search. They name files in full, so there is nothing to search: Node asks
// the file system several times for each import all the same, and a runtime has three thousand of them. Begins when it is loaded.

const { registerHooks } = require("node:module");
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { fileURLToPath, pathToFileURL } = require("node:url");

const ROOT = pathToFileURL(join(__dirname, "..", "..", "/")).href;
const PACKAGES = `${ROOT}node_modules/`;
const FILE = /^\.{1,2}\/[\w./-]+\.ts$/;

/** Files that were found. */
const files = new Set();
/** Packages and parts of Node, which are the same for all of the project's files, by name. */
const packages = new Map();

let hooks;

function beginOwnImports() {
  hooks ??= registerHooks({ resolve });
}

/** Node's `require` takes a longer way while there is a hook: it ends while many CommonJS modules are loaded. */
function endOwnImports() {
  hooks?.deregister();
  hooks = undefined;
}

function resolve(name, context, next) {
  const { parentURL = "", conditions } = context;
  if (!parentURL.startsWith(ROOT) || parentURL.startsWith(PACKAGES)) return next(name, context);
  if (FILE.test(name)) return ofProject(new URL(name, parentURL)) ?? next(name, context);
  if (name.startsWith(".") || conditions.includes("require")) return next(name, context);
  const known = packages.get(name) ?? { ...next(name, context), shortCircuit: true };
  packages.set(name, known);
  return known;
}

/** Nothing for what is not there, or not the project's own: Node's search says so, and names who imports it. */
function ofProject(url) {
  const { href } = url;
  if (!files.has(href)) {
    if (!href.startsWith(ROOT) || href.startsWith(PACKAGES) || !existsSync(fileURLToPath(url))) return;
    files.add(href);
  }
  return { url: href, format: "module-typescript", shortCircuit: true };
}

beginOwnImports();

module.exports = { beginOwnImports, endOwnImports };
