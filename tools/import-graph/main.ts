// Part of `npm run check:imports`: holds every import to .dependency-cruiser.js, and prints the folders in their layers.

import { cruise, format, type ICruiseResult } from "dependency-cruiser";
import extractOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import { foldersOf, printed } from "./layers.ts";

const FOLDERS = ["functions", "lib", "local", "build", "tools", "tests", "bench"];

const options = await extractOptions("./.dependency-cruiser.js");
const { output } = await cruise(FOLDERS, options);
const result: ICruiseResult = typeof output === "string" ? JSON.parse(output) : output;
const report = await format(result, { outputType: "err-long" });
console.log(String(report.output).trim());
if (report.exitCode === 0) console.log(printed(foldersOf(result.modules)));
else process.exitCode = 1;
