// npm run test:chaos -- [--seconds 60] [--seed N] [--instances 2] [--rate 240]
// npm run test:chaos -- --scenario registry-down | load | eviction [--seconds N] [--repeat N] [--nacos]
// Kills, pauses and restarts parts of the real system, prints what was seen, and fails when a promise was broken.

import { parseArgs } from "node:util";
import { chaos } from "./chaos.ts";
import { createChecks } from "./checks.ts";
import { eviction } from "./eviction.ts";
import { load } from "./load.ts";
import { registryDown } from "./registry-down.ts";

const { values } = parseArgs({
  options: {
    scenario: { type: "string", default: "chaos" },
    seconds: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    instances: { type: "string", default: "2" },
    rate: { type: "string", default: "240" },
    nacos: { type: "boolean", default: false },
    repeat: { type: "string", default: "10" },
  },
});

const say = (line: string) => console.log(line);
const checks = createChecks(say);
const seconds = (standard: number) => Number(values.seconds ?? standard);

switch (values.scenario) {
  case "chaos":
    await chaos({
      seconds: seconds(60),
      seed: Number(values.seed),
      instances: Number(values.instances),
      rate: Number(values.rate),
      checks,
      say,
    });
    break;
  case "registry-down":
    await registryDown({
      seconds: seconds(60),
      instances: Number(values.instances),
      rate: Number(values.rate),
      checks,
      say,
    });
    break;
  case "load":
    await load({ seconds: seconds(300), checks, say });
    break;
  case "eviction":
    await eviction({ repeat: Number(values.repeat), nacos: values.nacos, checks, say });
    break;
  default:
    throw new Error(`There is no scenario "${values.scenario}".`);
}
checks.end();
// undici's and timers' handles are no reason to stay.
process.exit();
