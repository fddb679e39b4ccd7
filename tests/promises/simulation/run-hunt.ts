// Hunts the bug that plant.ts planted: prints the first history that breaks a promise, as one line of JSON.

import { commandOptions, number } from "../../support/command.ts";
import { explore } from "./explore.ts";
import { requirePlanted } from "./plant.ts";

const { seed, runs } = commandOptions({ seed: number(1), runs: number(1_000) });

// A rejected promise that nobody handles may be an effect of the bug; the checks decide by its consequences.
process.on("unhandledRejection", () => {});
requirePlanted();
const { findings } = await explore(seed, runs, 1);
console.log(JSON.stringify(findings[0] ?? null));
