// Which plugins a command needs. Loading serverless-esbuild costs a second and 150 MB, so `offline start` goes without.
// Of this project only the reading of .env (local/dotenv) runs before it.

import "./shared/require-node.cjs";
import nodeModule from "node:module";
import { resolve } from "node:path";

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
