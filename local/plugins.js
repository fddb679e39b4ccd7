// Which plugins a command needs. Loading serverless-esbuild costs a second and 150 MB, so `offline start` goes without.
// This is also the earliest line of this project that runs.

import nodeModule from "node:module";
import { resolve } from "node:path";

if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `Node.js 24 is needed, this is ${process.version}. npm scripts and npx bring it: use npm start, or npx serverless.\n`,
  );
  process.exit(1);
}

const offline = process.argv[2] === "offline";

if (offline) {
  // Most of what osls and serverless-offline load comes after this point. With a warm cache Node also leaves out its
  // TypeScript parser, 22 MB in each process; those that are started from here take the cache from the environment.
  process.env.NODE_COMPILE_CACHE ||= resolve("node_modules/.cache/cfmp-order");
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  // osls must not be kept waiting by a promise, so no import().
  const load = nodeModule.createRequire(import.meta.url);
  if (process.argv[3] === "start" && !process.argv.includes("--help"))
    load("./runtime/early-start.ts").earlyStart();
}

export const plugins = offline
  ? ["./local/plugin.ts", "serverless-offline"]
  : ["./build/both-slashes.ts", "serverless-esbuild"];
