// npm run test:faults -- [--flows 100] [--seed 1] [--parts runtime,sidecar,registry,database] [--together]
// Runs flows while parts of the system are killed with -9, prints what was seen, and fails when a promise was broken.
// Each service runs in a process of its own, unless --together. Parts are also orders, payments, notifications.
//
// npm run test:faults -- --crash-points [--seed 1] [--sample 12] [--path create,pay] [--role runtime] [--write]
// Kills at every point at which the system touches the world outside. See docs/crash-matrix.md.

import { parseArgs } from "node:util";
import { endAllOnSignal } from "../../support/helper.ts";
import { runCrashPoints } from "./crash/run-crash-points.ts";
import { flowsUnderKill } from "./flows-under-kill.ts";
import { partsOf } from "./parts.ts";

/** Longest pause before a flow: a thousand of them then last for some twenty kills. */
const PAUSE_MS = 400;

const { values } = parseArgs({
  options: {
    flows: { type: "string", default: "100" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    parts: { type: "string", default: "runtime,sidecar,registry,database" },
    together: { type: "boolean", default: false },
    "crash-points": { type: "boolean", default: false },
    sample: { type: "string" },
    path: { type: "string" },
    role: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const say = (line: string) => console.log(line);

endAllOnSignal();
say(`seed ${seed}`);
const { passed, failed } = values["crash-points"]
  ? await runCrashPoints({
      seed,
      sample: values.sample === undefined ? undefined : Number(values.sample),
      only: values.path?.split(","),
      roles: (["runtime", "database"] as const).filter((role) => (values.role ?? role) === role),
      write: values.write,
      say,
    })
  : await killFlows();
say(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function killFlows(): Promise<{ passed: number; failed: number }> {
  const report = await flowsUnderKill({
    flows: Number(values.flows),
    seed,
    parts: partsOf(values.parts),
    apart: !values.together,
    pauseMs: PAUSE_MS,
    say,
  });
  say(JSON.stringify(report, null, 2));
  const failed = report.violations.length > 0 || report.flows === 0 ? 1 : 0;
  return { passed: report.flows - failed, failed };
}
