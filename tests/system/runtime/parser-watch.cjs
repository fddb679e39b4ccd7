// Loaded into each process and thread of a system: whenever it writes its compiled code, it tells whether Node's TypeScript parser was loaded.
// Not in TypeScript, which would load it.

const nodeModule = require("node:module");
const { renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { isMainThread } = require("node:worker_threads");

const flush = nodeModule.flushCompileCache;
const file = join(process.env.CFMP_PARSERS, `${process.pid}${isMainThread ? "" : "-thread"}.json`);

nodeModule.flushCompileCache = () => {
  flush();
  const parser = process.moduleLoadList.some((name) => name.includes("amaro"));
  writeFileSync(
    `${file}.new`,
    JSON.stringify({ main: process.argv[1], isMainThread, parser, at: Date.now() }),
  );
  renameSync(`${file}.new`, file);
};
nodeModule.syncBuiltinESMExports();
