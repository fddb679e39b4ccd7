// Hunts the bug that plant.ts planted: prints the first history that breaks a promise, as one line of JSON.

import { number, readOptions } from "../../support/command.ts";
import { explore } from "./explore.ts";
import { requirePlanted } from "./plant.ts";

const { seed, runs } = readOptions({ seed: number(1), runs: number(1_000) });

// A promise that the bug leaves alone may be rejected; what comes of it is what the promises are checked for.
process.on("unhandledRejection", () => {});
requirePlanted();
const { findings } = await explore(seed, runs, 1);
console.log(JSON.stringify(findings[0] ?? null));
