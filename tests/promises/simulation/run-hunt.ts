// Hunts the bug that plant.ts planted: prints the first history that breaks a promise, as one line of JSON.

import { parseArgs } from "node:util";
import { explore } from "./explore.ts";
import { requirePlanted } from "./plant.ts";

const { values } = parseArgs({
  options: { seed: { type: "string", default: "1" }, runs: { type: "string", default: "1000" } },
});

// A promise that the bug leaves alone may be rejected; what comes of it is what the promises are checked for.
process.on("unhandledRejection", () => {});
requirePlanted();
const { findings } = await explore(Number(values.seed), Number(values.runs), 1);
console.log(JSON.stringify(findings[0] ?? null));
