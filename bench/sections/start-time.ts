// Time and CPU time to ready, beside plain serverless-offline with one trivial function, by turns.

import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { services } from "../../functions/services.ts";
import { until } from "../../tests/support/poll.ts";
import { cpuTime } from "../../tests/support/processes.ts";
import { listedHosts } from "../../tests/support/registry-list.ts";
import type { System } from "../../tests/support/system.ts";
import { startBaseline } from "../baseline/start.ts";
import { processesOf, startBenchSystem } from "../bench-system.ts";
import { cpuTimes, sum } from "../processes.ts";

/** Of each start, in milliseconds. */
export interface StartTimes {
  readonly wallMs: readonly number[];
  /** CPU time of all processes until ready: does not depend on what else the machine does. */
  readonly cpuMs: readonly number[];
  /** The same until {@link SETTLED_MS} later, with no request but those that saw that it is ready. */
  readonly settledCpuMs: readonly number[];
}

/** Milliseconds after ready in which a system loads what it was not yet asked for. */
export const SETTLED_MS = 1_500;

export interface Starts {
  /** Plain serverless-offline. */
  readonly baseline: StartTimes;
  /** In the order of the checkouts. */
  readonly systems: readonly StartTimes[];
}

export interface Start {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly settledCpuMs: number;
}

const SERVICES = services.map(({ contract }) => contract.service);

/** Starts plain serverless-offline and the system of each checkout (undefined: this one) `starts` times, by turns. */
export async function measureStarts(starts: number, roots: readonly (string | undefined)[]): Promise<Starts> {
  const starters = [startOfBaseline, ...roots.map((root) => () => startOfSystem({}, root))];
  // Whatever is made once and kept (schemas, compiled code) is made before.
  for (const start of starters) await start();
  const seen: Start[][] = starters.map(() => []);
  for (let i = 0; i < starts; i += 1) {
    for (const [which, start] of starters.entries()) seen[which]?.push(await start());
  }
  const [baseline = [], ...systems] = seen;
  return { baseline: timesOf(baseline), systems: systems.map(timesOf) };
}

/** Milliseconds of the first start ever on a machine: nothing of the code is compiled yet. */
export async function uncachedStart(): Promise<number> {
  const cache = join(tmpdir(), `cfmp-order-bench-cache-${process.pid}`);
  try {
    return (await startOfSystem({ NODE_COMPILE_CACHE: cache })).wallMs;
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

const timesOf = (starts: readonly Start[]): StartTimes => ({
  wallMs: starts.map(({ wallMs }) => wallMs),
  cpuMs: starts.map(({ cpuMs }) => cpuMs),
  settledCpuMs: starts.map(({ settledCpuMs }) => settledCpuMs),
});

async function startOfBaseline(): Promise<Start> {
  const { readyMs, pid, stop } = await startBaseline("serverless.yml");
  const cpuMs = cpuTime(pid);
  await sleep(SETTLED_MS);
  const settledCpuMs = cpuTime(pid);
  await stop();
  return { wallMs: readyMs, cpuMs, settledCpuMs };
}

/** Until all services are healthy and registered, seen from outside. */
export async function startOfSystem(env: Readonly<Record<string, string>>, root?: string): Promise<Start> {
  const begun = performance.now();
  const system = await startBenchSystem(env, root);
  try {
    await until("all are healthy and registered", () => isReady(system));
    const wallMs = performance.now() - begun;
    const cpuMs = sum(cpuTimes(processesOf(system)));
    await sleep(SETTLED_MS);
    return { wallMs, cpuMs, settledCpuMs: sum(cpuTimes(processesOf(system))) };
  } finally {
    await system.cleanUp();
  }
}

async function isReady({ urls, registryUrl }: System): Promise<boolean> {
  const healthy = Object.values(urls).map(async (url) => (await fetch(`${url}/health/`)).status === 200);
  const listed = SERVICES.map(async (name) =>
    (await listedHosts(registryUrl, name)).some((host) => host.healthy),
  );
  return (await Promise.all([...healthy, ...listed])).every(Boolean);
}
