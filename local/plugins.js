// Which plugins a command needs. Loading serverless-esbuild costs a second and 150 MB, so `offline start` goes without.
// Of this project only the reading of .env (local/dotenv) runs before it.

import "./shared/first.cjs";
import nodeModule from "node:module";

const offline = process.argv[2] === "offline";

// osls must not be kept waiting by a promise, so no import().
const load = nodeModule.createRequire(import.meta.url);
if (offline && process.argv[3] === "start" && !process.argv.includes("--help"))
  load("./runtime/early-start.ts").earlyStart();

export const plugins = offline
  ? ["./local/plugin.ts", "serverless-offline"]
  : ["./build/checked-settings.ts", "./build/both-slashes.ts", "serverless-esbuild"];
