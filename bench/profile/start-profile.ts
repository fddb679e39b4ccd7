// Where the CPU time of a start goes: a CPU profile of each process, until the line that says it is ready.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../tests/support/poll.ts";
import { processesOf, startBenchSystem } from "../bench-system.ts";
import { type ByRole, mapRoles, runTimes } from "../processes.ts";
import { profilingFlags, readProfile } from "./read-profile.ts";
import { type SelfTimes, type Share, summarize } from "./self-times.ts";

/**
 * Starts the system `starts` times without the profiler and as often with it. CPU time is that without, its shares are those with it: means
 * of all starts, in milliseconds per start.
 */
export async function profileStart(starts: number): Promise<readonly SelfTimes[]> {
  const cpu: ByRole[] = [];
  const profiles: SelfTimes[] = [];
  for (let i = 0; i < starts; i += 1) {
    cpu.push(await plainStart());
    profiles.push(...(await profiledStart()));
  }
  return Object.keys(cpu[0] ?? {}).map((role) => {
    const total = mean(cpu.map((one) => one[role] ?? 0));
    const seen = profiles.filter((one) => one.role === role);
    return { role, total, packages: averaged(seen, total), functions: [] };
  });
}

async function plainStart(): Promise<ByRole> {
  const system = await startBenchSystem();
  try {
    return runTimes(processesOf(system));
  } finally {
    await system.cleanUp();
  }
}

async function profiledStart(): Promise<readonly SelfTimes[]> {
  const folder = mkdtempSync(join(tmpdir(), "cfmp-order-start-profile-"));
  const system = await startBenchSystem({ NODE_OPTIONS: profilingFlags(folder, 250) });
  try {
    const processes = processesOf(system);
    await system.stop();
    await until("the helper has ended", () => system.pids().length === 0, 30_000);
    return Object.entries(processes).flatMap(([role, pid]) => {
      const profile = readProfile(folder, pid);
      if (profile === undefined) return [];
      const window: [number, number] = [profile.startTime, profile.startTime + system.readyMs * 1_000];
      // Only the shares are used.
      return [summarize(role, profile, { window, count: 1, cpuMs: mapRoles(processes, () => 1) })];
    });
  } finally {
    await system.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Mean shares of `seen`, as milliseconds of `total`. */
function averaged(seen: readonly SelfTimes[], total: number): readonly Share[] {
  const names = new Set(seen.flatMap(({ packages }) => packages.map(({ name }) => name)));
  const shareIn = (one: SelfTimes, name: string) =>
    one.packages.find((share) => share.name === name)?.ms ?? 0;
  return [...names]
    .map((name) => ({ name, ms: total * mean(seen.map((one) => shareIn(one, name))) }))
    .sort((one, other) => other.ms - one.ms);
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((all, value) => all + value, 0) / values.length;
