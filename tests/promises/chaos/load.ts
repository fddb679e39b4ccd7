// Fifty instances of a service and two hundred subscribers on the embedded registry: does it stay as cheap as it began?

import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Checks } from "./checks.ts";
import { cpuPerSecond, growthPerMinute, readSample, type Sample } from "./process-cost.ts";
import type { ClientKind } from "./run-load-clients.ts";

export interface LoadOptions {
  readonly seconds: number;
  readonly checks: Checks;
  readonly say: (line: string) => void;
}

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
const FLAGS = ["--max-semi-space-size=4", "--max-old-space-size=256", "--no-warnings"];

export async function load({ seconds, checks, say }: LoadOptions): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "cfmp-registry-"));
  const children: ChildProcess[] = [];
  const begin = (file: string, args: readonly string[], flags: readonly string[] = ["--no-warnings"]) => {
    const child = fork(join(import.meta.dirname, file), [...args], { execArgv: [...flags] });
    children.push(child);
    return child;
  };
  try {
    const registry = begin("run-registry.ts", [dataDir], FLAGS);
    const { port } = await word<{ port: number }>(registry);
    const clients = await Promise.all(
      CLIENTS.map(async ([kind, count]) => {
        const child = begin("run-load-clients.ts", [kind, String(count), String(port)]);
        await word<{ ready: true }>(child);
        return { kind, count, child };
      }),
    );
    say(
      `${CLIENTS.map(([kind, count]) => `${count} ${kind}`).join(", ")}; one instance comes or goes every 2 s`,
    );
    await sleep(WARM_UP_S * 1_000);
    const samples = await sampled(registry.pid ?? 0, seconds, say);
    judge(samples, seconds, checks);
    for (const { kind, count, child } of clients.filter(({ kind }) => kind !== "instances")) {
      child.send({});
      const { changes } = await word<{ changes: number }>(child);
      const each = changes / count;
      checks.check(
        `subscribers (${kind}) were told`,
        each > seconds / 4,
        `${each.toFixed(0)} changes each, ${count} of them`,
      );
    }
  } finally {
    for (const child of children) child.kill("SIGKILL");
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

/** The next message of a child, or an error when it ends before. */
function word<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once("message", (message: T) => resolve(message));
    child.once("exit", (code) => reject(new Error(`${child.spawnargs[2]} ended with ${code}`)));
  });
}
