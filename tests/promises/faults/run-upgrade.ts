// npm run test:upgrade -- --from FOLDER [--flows 100] [--seed 1]
// A rolling deployment under load: two instances of each service run another checkout of this repository, with its node_modules (such
// as the version that is deployed now). One after the other is replaced by this version, then, as where a deployment is taken back, by
// the other one, then by this one for good. Each is taken out of the balancing first, and ended by SIGTERM.

import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../../tools/own-system/random.ts";
import { ROOT } from "../../../tools/own-system/start-command.ts";
import {
  beforeEnd,
  commandOptions,
  number,
  report,
  seed,
  text,
  type Verdict,
} from "../../support/command.ts";
import { endAllSystems, RealSystem, type Runtime } from "../../support/real-system.ts";
import { flowsBeside } from "./flows-beside.ts";

/** Old and new work side by side for so long after each replacement. */
const SIDE_BY_SIDE_MS = 3_000;
/** Longest pause before a flow. */
const PAUSE_MS = 200;

const options = commandOptions({ from: text(undefined), flows: number(100), seed });
if (options.from === undefined) throw new Error("--from names the folder of the version that is replaced.");

beforeEnd(endAllSystems);
console.log(`seed ${options.seed}`);
report(await rollingDeployment(resolve(options.from), options.flows, seededRandom(options.seed)));

async function rollingDeployment(before: string, flows: number, random: () => number): Promise<Verdict> {
  const versions = [
    ["this version", ROOT],
    ["the one before", before],
    ["this version", ROOT],
  ] as const;
  let root = before;
  let done = false;
  const one = { own: true, root: () => root };
  const system = await RealSystem.start({ held: true, random, runtimes: [one, one] });

  async function deploy(over: () => boolean, through: () => number): Promise<void> {
    for (const [name, folder] of versions) {
      root = folder;
      for (const [index, runtime] of system.runtimes.entries()) {
        await sleep(SIDE_BY_SIDE_MS);
        if (over()) return;
        await replace(system, runtime);
        console.log(`instance ${index + 1} is ${name} (${through()} flows are through)`);
      }
    }
    await sleep(SIDE_BY_SIDE_MS);
    done = true;
  }

  try {
    const seen = await flowsBeside(
      system,
      { flows, random, pauseMs: PAUSE_MS },
      { run: deploy, enough: () => done },
    );
    console.log(`${seen.flows} flows, ${seen.repeated.length} requests sent again`);
    for (const [got, all] of Map.groupBy(seen.repeated, kindOf)) console.log(`${all.length} × ${got}`);
    for (const violation of seen.violations) console.log(violation);
    const failed = seen.violations.length;
    return { passed: seen.flows - failed, failed };
  } finally {
    await system.cleanUp();
  }
}

/** Without what differs between requests. */
function kindOf(got: string): string {
  return got.replaceAll(/"(trace_id|detail|instance)":"[^"]*",?/g, "");
}

async function replace(system: RealSystem, runtime: Runtime): Promise<void> {
  await system.without(runtime, async () => {
    const code = await runtime.system.stop();
    if (code !== 0) throw new Error(`An instance ended with ${code} on SIGTERM:\n${runtime.system.logs()}`);
    await runtime.restart();
  });
}
