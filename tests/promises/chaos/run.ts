// npm run test:chaos -- [--seconds 60] [--seed N] [--instances 2] [--rate 240] [--api auto]
// npm run test:chaos -- --scenario registry-down | load | eviction [--seconds N] [--repeat N] [--nacos]
// Kills, pauses and restarts parts of the real system, prints the results, and fails when a promise was broken.

import { beforeEnd, commandOptions, flag, number, seed as seedOption, text } from "../../support/command.ts";
import { endAllSystems } from "../../support/real-system.ts";
import { chaos } from "./chaos.ts";
import { createChecks } from "./checks.ts";
import { eviction } from "./eviction.ts";
import { load } from "./load.ts";
import { registryDown } from "./registry-down.ts";

const options = commandOptions({
  scenario: text("chaos"),
  seconds: number(undefined),
  seed: seedOption,
  instances: number(2),
  rate: number(240),
  api: text("auto"),
  nacos: flag,
  repeat: number(10),
});

const say = (line: string) => console.log(line);
const checks = createChecks(say);
const { seed, instances, rate, api, nacos, repeat } = options;
const seconds = (usual: number) => options.seconds ?? usual;

beforeEnd(endAllSystems);
switch (options.scenario) {
  case "chaos":
    await chaos({ seconds: seconds(60), seed, instances, rate, api, checks, say });
    break;
  case "registry-down":
    await registryDown({ seconds: seconds(60), instances, rate, checks, say });
    break;
  case "load":
    await load({ seconds: seconds(300), checks, say });
    break;
  case "eviction":
    await eviction({ repeat, nacos, checks, say });
    break;
  default:
    throw new Error(`There is no scenario "${options.scenario}".`);
}
checks.end();
// undici's and timers' handles are no reason to stay.
process.exit();
