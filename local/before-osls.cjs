// Loaded before osls by `npm start` and `npm run dev` (node -r): osls comes from the cache of compiled code, and other processes start
// while it loads. With `npx serverless offline start`, without it, all is the same but later (local/plugins.js).

require("./shared/first.cjs");

const { isOfflineStart } = require("./shared/command.ts");

if (isOfflineStart(process.argv)) {
  const { loadEnvFiles } = require("./shared/env-file.ts");
  const { fail } = require("./shared/start-up-error.ts");
  const { stageOf } = require("./shared/command.ts");
  const { loadSeldomUsedLater } = require("./osls/parts.ts");
  try {
    loadEnvFiles(process.env, { folder: process.cwd(), stage: stageOf(process.argv.slice(2)) });
  } catch (error) {
    fail(error);
  }
  require("./runtime/early-start.ts").earlyStart();
  loadSeldomUsedLater();
  // osls comes next, in 400 CommonJS modules.
  require("./shared/own-imports.cjs").endOwnImports();
}
