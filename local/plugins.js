// Which plugins a command needs.

import "./shared/first.cjs";
import nodeModule from "node:module";

// osls must not be kept waiting by a promise, so no import().
const load = nodeModule.createRequire(import.meta.url);
if (load("./shared/command.ts").isOfflineStart(process.argv)) {
  load("./shared/own-imports.cjs").beginOwnImports();
  // With npm start it has begun already (before-osls.cjs).
  load("./runtime/early-start.ts").earlyStart();
  // Whoever adds a plugin that uses others of osls' own, such as those that package, has to leave this out.
  load("./osls/parts.ts").loadProviderAlone();
}

export const plugins =
  process.argv[2] === "offline"
    ? ["./local/plugin.ts", "serverless-offline"]
    : [
        "./build/checked-settings.ts",
        "./build/account-checks.ts",
        "./build/index-checks.ts",
        "./build/kept-tables.ts",
        "./build/both-slashes.ts",
        "./build/http-api.ts",
        "./build/packaging.ts",
      ];
