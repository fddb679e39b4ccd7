// npm run test:faults -- [--flows 100] [--seed 1] [--parts runtime,sidecar,registry,database] [--together]
// Runs flows while parts of the system are killed with -9, prints the results, and fails when a promise was broken.
// Each service runs in a process of its own, unless --together. Parts are also orders, payments, notifications, and, with
// --disk FOLDER on a small file system, the disk, which is filled for a moment. See docs/guides/faults.md.
//
// npm run test:faults -- --crash-points [--seed 1] [--sample 12] [--path create,pay] [--role runtime] [--write]
// Kills at every point at which the system touches the world outside (roles runtime, database), and lets the disk fail at
// every write of the embedded database (role disk). See docs/crash-matrix.md.

import {
  beforeEnd,
  commandOptions,
  flag,
  names,
  number,
  report,
  seed,
  text,
  type Verdict,
} from "../../support/command.ts";
import { endAllSystems } from "../../support/real-system.ts";
import { ROLES } from "./crash/rig.ts";
import { runCrashPoints } from "./crash/run-crash-points.ts";
import { FAULTY_PARTS, type FaultyPart, flowsUnderFaults } from "./flows-under-faults.ts";
import { requireSmall } from "./full-disk.ts";

/** Longest pause before a flow: a thousand of them then last for some twenty faults. */
const PAUSE_MS = 400;

const options = commandOptions({
  flows: number(100),
  seed,
  parts: names,
  together: flag,
  disk: text(undefined),
  "crash-points": flag,
  sample: number(undefined),
  path: names,
  role: text(undefined),
  write: flag,
});
const say = (line: string) => console.log(line);

beforeEnd(endAllSystems);
say(`seed ${options.seed}`);
report(await (options["crash-points"] ? crashPoints() : faultyFlows()));

/** @throws {Error} for a part that does not exist. */
function partsOf(wanted: readonly string[]): readonly FaultyPart[] {
  return wanted.map((name) => {
    const part = FAULTY_PARTS.find((known) => known === name);
    if (!part) throw new Error(`There is no part "${name}". --parts takes: ${FAULTY_PARTS.join(", ")}.`);
    if (part === "disk" && options.disk === undefined) throw new Error("The part disk needs --disk FOLDER.");
    return part;
  });
}

function crashPoints(): Promise<Verdict> {
  const { seed: drawnBy, sample, path, role, write } = options;
  const roles = ROLES.filter((one) => (role ?? one) === one);
  return runCrashPoints({ seed: drawnBy, sample, only: path, roles, write, say });
}

async function faultyFlows(): Promise<Verdict> {
  const { disk } = options;
  if (disk !== undefined) requireSmall(disk);
  const seen = await flowsUnderFaults({
    disk,
    flows: options.flows,
    seed: options.seed,
    parts: partsOf(options.parts ?? ["runtime", "sidecar", "registry", "database"]),
    apart: !options.together,
    pauseMs: PAUSE_MS,
    say,
  });
  say(JSON.stringify(seen, null, 2));
  const failed = seen.violations.length > 0 || seen.flows === 0 ? 1 : 0;
  return { passed: seen.flows - failed, failed };
}
