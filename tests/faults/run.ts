// npm run test:faults -- [--flows 100] [--seed 1] [--parts runtime,database]
// Runs flows while parts of the system are killed with -9, prints what was seen, and fails when a promise was broken.

import { parseArgs } from "node:util";
import { flowsUnderKill } from "./flows-under-kill.ts";

const { values } = parseArgs({
  options: {
    flows: { type: "string", default: "100" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    parts: { type: "string", default: "runtime" },
  },
});
const parts = values.parts.split(",").map((part) => (part === "database" ? "database" : "runtime"));
const say = (line: string) => console.log(line);

say(`seed ${values.seed}`);
const report = await flowsUnderKill({ flows: Number(values.flows), seed: Number(values.seed), parts, say });
say(JSON.stringify(report, null, 2));
const failed = report.violations.length > 0 || report.flows === 0;
say(`${report.flows - (failed ? 1 : 0)} passed, ${failed ? 1 : 0} failed`);
process.exitCode = failed ? 1 : 0;
