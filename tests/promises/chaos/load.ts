// Fifty instances of a service and two hundred subscribers on the embedded registry: does it stay as cheap as it began?

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "../../support/child.ts";
import type { FromRegistry } from "../../support/run-registry.ts";
import type { Scenario } from "./chaos.ts";
import type { Checks } from "./checks.ts";
import { cpuPerSecond, growthPerMinute, readSample, type Sample } from "./process-cost.ts";
import type { ClientKind, ClientsJob, FromClients } from "./run-load-clients.ts";

const CLIENTS: readonly (readonly [ClientKind, number])[] = [
  ["instances", 50],
  ["nacos", 100],
  ["udp", 60],
  ["v3", 40],
];
const SUBSCRIBERS = CLIENTS.filter(([kind]) => kind !== "instances").reduce(
  (sum, [, count]) => sum + count,
  0,
);
const WARM_UP_S = 20;
/** A heap grows to its size within minutes, until it was collected as a whole; what grows on after that leaks. */
const MOST_GROWTH_MB = { within: 5, after: 1 };
const GROWN_S = 240;
/** As the helper process runs with (local/helper/start-helper.ts). */
const FLAGS = ["--max-semi-space-size=4", "--max-old-space-size=256"];

export async function load({ seconds, checks, say }: Scenario): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "cfmp-registry-"));
  const program = join(import.meta.dirname, "..", "..", "support", "run-registry.ts");
  const registry = new Child<FromRegistry>(program, { port: 0, dataDir }, { flags: FLAGS });
  const clients: { kind: ClientKind; count: number; child: Child<FromClients, object> }[] = [];
  try {
    const { port } = await registry.receive("listening");
    for (const [kind, count] of CLIENTS) {
      const job: ClientsJob = { kind, count, port };
      const child = new Child<FromClients, object>(join(import.meta.dirname, "run-load-clients.ts"), job);
      clients.push({ kind, count, child });
    }
    await Promise.all(clients.map(({ child }) => child.receive("ready")));
    say(
      `${CLIENTS.map(([kind, count]) => `${count} ${kind}`).join(", ")}; one instance comes or goes every 2 s`,
    );
    await sleep(WARM_UP_S * 1_000);
    const samples = await sampled(registry.pid, seconds, say);
    judge(samples, seconds, checks);
    for (const { kind, count, child } of clients.filter(({ kind }) => kind !== "instances")) {
      child.send({});
      const { changes } = await child.receive("changes");
      const each = changes / count;
      checks.check(
        `subscribers (${kind}) got the change`,
        each > seconds / 4,
        `${each.toFixed(0)} changes each, ${count} of them`,
      );
    }
  } finally {
    for (const { child } of clients) child.signal("SIGKILL");
    registry.signal("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function sampled(
  pid: number,
  seconds: number,
  say: (line: string) => void,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const begun = performance.now();
  for (let next = 0; next <= seconds; next += 1) {
    await sleep(Math.max(0, next * 1_000 - (performance.now() - begun)));
    const sample = readSample(pid, (performance.now() - begun) / 1_000);
    samples.push(sample);
    if (next % 30 === 0 && next > 0) {
      const cpu = cpuPerSecond(samples, next - 30, next + 1);
      say(`  ${String(next).padStart(4)} s  ${cpu.toFixed(0)} ms CPU/s, ${sample.rssMb.toFixed(0)} MB`);
    }
  }
  return samples;
}

function judge(samples: readonly Sample[], seconds: number, { check }: Checks): void {
  const window = Math.min(60, seconds / 3);
  const first = cpuPerSecond(samples, 0, window);
  const last = cpuPerSecond(samples, seconds - window, seconds + 1);
  check(
    `CPU of the registry with 50 instances and ${SUBSCRIBERS} subscribers stays flat`,
    last <= first * 1.25 + 5,
    `${first.toFixed(1)} ms/s in the first ${window.toFixed(0)} s, ${last.toFixed(1)} ms/s in the last`,
  );
  const growth = growthPerMinute(samples, seconds / 3, seconds + 1);
  check(
    "so does its memory",
    growth < (seconds < GROWN_S ? MOST_GROWTH_MB.within : MOST_GROWTH_MB.after),
    `${growth.toFixed(2)} MB per minute over the last two thirds; ${samples[0]?.rssMb.toFixed(0)} MB at first, ` +
      `${samples.at(-1)?.rssMb.toFixed(0)} MB at last`,
  );
}
