// Stands in for packages that others name and nothing of this project uses: `optionalDependencies` in package.json lists them, and
// docs/decisions/007-dependencies.md says why. To load it, to take names of it, to extend its classes and to make an object of one does
// nothing, since others do so while they are loaded. Whatever is called ends with an error that says what is missing.

const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { fileURLToPath } = require("node:url");

const PROJECT = join(__dirname, "..", "..", "package.json");

/** What is in package.json of the package that has called: the first one in the stack. */
function caller() {
  const prepared = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFileName() ?? "");
  const files = new Error().stack;
  Error.prepareStackTrace = prepared;
  for (const file of files) {
    const path = file.startsWith("file:") ? fileURLToPath(file) : file;
    const [folder] = /^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(path) ?? [];
    if (folder !== undefined) return readJson(join(folder, "package.json"));
  }
  return undefined;
}

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

/** @throws {Error} always: which package is missing, and for whom. Where one names several of them, all are said. */
function refuse() {
  const optional = Object.entries(readJson(PROJECT).optionalDependencies);
  const leftOut = optional.filter(([, from]) => from === "file:local/left-out").map(([name]) => name);
  const by = caller();
  const asked = leftOut.filter((name) => by?.dependencies?.[name] !== undefined);
  const names = (asked.length > 0 ? asked : leftOut).join(" or ");
  const where = "docs/decisions/007-dependencies.md";
  throw new Error(
    `${by?.name ?? "One of your files"} needs ${names}, which this project leaves out: see ${where}`,
  );
}

/** Whatever is read of it is another one. Not `then`: it is no promise. Not `toJSON`, nor what describes an object. */
function standIn() {
  // A function that can be called, constructed and extended.
  const target = function LeftOut() {};
  return new Proxy(target, {
    apply: refuse,
    construct: standIn,
    get(_, name) {
      if (name === "prototype") return target.prototype;
      if (name === "then" || name === "toJSON") return undefined;
      if (typeof name === "symbol" && name !== Symbol.iterator && name !== Symbol.asyncIterator)
        return undefined;
      return standIn();
    },
  });
}

module.exports = standIn();
