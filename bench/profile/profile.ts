// Where the CPU time of a flow goes: a CPU profile of each process, of the timed window only.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../tests/support/poll.ts";
import { processesOf, SANDBOX_SECRET, startBenchSystem, timing } from "../bench-system.ts";
import { load } from "../load/launch.ts";
import type { Effort } from "../options.ts";
import { FLOWS, SELLER_FLOW } from "../sections/flow.ts";
import { profilingFlags, readProfile } from "./read-profile.ts";
import { type SelfTimes, summarize } from "./self-times.ts";

const LANES = 32;

/** Runs flows under the profiler: which packages and functions of each process used the time. */
export async function profileFlow(effort: Effort): Promise<readonly SelfTimes[]> {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-order-profile-"));
  const system = await startBenchSystem({ NODE_OPTIONS: profilingFlags(folder, 500) });
  try {
    const processes = processesOf(system);
    const measured = await load({
      kind: "flow",
      users: FLOWS[SELLER_FLOW] ?? "new",
      urls: system.urls,
      secret: SANDBOX_SECRET,
      ...timing(LANES, processes, effort.flow),
    });
    await system.stop();
    await until("the helper has ended", () => system.pids().length === 0, 30_000);
    return Object.entries(processes).flatMap(([role, pid]) => {
      const profile = readProfile(folder, pid);
      return profile === undefined ? [] : [summarize(role, profile, measured)];
    });
  } finally {
    await system.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  }
}
