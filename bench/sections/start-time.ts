// Time to ready, beside plain serverless-offline with one trivial function, by turns.

import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { services } from "../../functions/services.ts";
import { until } from "../../tests/support/poll.ts";
import { median } from "../../tests/support/quantiles.ts";
import { listedHosts } from "../../tests/support/registry-list.ts";
import type { System } from "../../tests/support/system.ts";
import { startBaseline } from "../baseline/start.ts";
import { startBenchSystem } from "../bench-system.ts";

export interface StartTimes {
  /** Milliseconds, of each start. */
  readonly system: readonly number[];
  readonly baseline: readonly number[];
  /** Median of the system's by median of the baseline's. */
  readonly ratio: number;
  /** The first start ever on a machine: nothing of the code is compiled yet. Not in --quick. */
  readonly uncachedMs: number | undefined;
}

const SERVICES = services.map(({ contract }) => contract.service);

/** Starts both `starts` times, from spawning to answering. */
export async function measureStarts(starts: number, uncached: boolean): Promise<StartTimes> {
  // Whatever is made once and kept (schemas, compiled code) is made before.
  await (await startBaseline("serverless.yml")).stop();
  await timedStart();
  const baseline: number[] = [];
  const system: number[] = [];
  for (let i = 0; i < starts; i += 1) {
    const plain = await startBaseline("serverless.yml");
    baseline.push(plain.readyMs);
    await plain.stop();
    system.push(await timedStart());
  }
  const uncachedMs = uncached ? await uncachedStart() : undefined;
  return { system, baseline, ratio: median(system) / median(baseline), uncachedMs };
}

/** Milliseconds until all services are healthy and registered, seen from outside. */
async function timedStart(env: Readonly<Record<string, string>> = {}): Promise<number> {
  const begun = performance.now();
  const system = await startBenchSystem(env);
  try {
    await until("all are healthy and registered", () => isReady(system));
    return performance.now() - begun;
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

async function uncachedStart(): Promise<number> {
  const cache = join(tmpdir(), `cfmp-order-bench-cache-${process.pid}`);
  try {
    return await timedStart({ NODE_COMPILE_CACHE: cache });
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}
