// CPU time and memory of the registry's process while many clients use it, and how long they wait for a change.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GRPC_PORT_OFFSET } from "../../lib/nacos/grpc/methods.ts";
import { helperFlags } from "../../local/helper/start-helper.ts";
import { Child } from "../../tests/support/child.ts";
import { freePortGroup } from "../../tests/support/free-ports.ts";
import { cpuTime, residentMb, waitedForCpu } from "../../tests/support/processes.ts";
import { quantile } from "../../tests/support/quantiles.ts";
import type { FromRegistry, RegistryJob } from "../../tests/support/run-registry.ts";
import { type Machine, thisMachine } from "../machine.ts";
import { machineTime, othersShare } from "../processes.ts";
import { startLoad } from "./load.ts";
import type { Options } from "./options.ts";

export interface Figures {
  readonly machine: Machine;
  readonly options: Options;
  /** MB before any client came, and with all of them. */
  readonly memory: { readonly before: number; readonly settled: number };
  readonly steady: Steady;
  readonly changes: Changes;
  /** Requests that failed, and the first reasons. */
  readonly failed: { readonly count: number; readonly first: readonly string[] };
}

interface Steady {
  readonly seconds: number;
  /** Of one core. */
  readonly cpuShare: number;
  /** Of the machine, that other processes took meanwhile. */
  readonly others: number;
  /** MB, one value for each ten seconds: the least of them, as garbage is collected now and then. */
  readonly memory: readonly number[];
}

interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

interface Changes {
  readonly count: number;
  /** Milliseconds until the last subscriber was told. */
  readonly lastTold: Spread;
  /**
   * The same without the time for which the registry or the clients, whichever had longer to wait, were ready to run and got no
   * processor, as others used all of them. Where both had to wait by turns, it is still too long.
   */
  readonly lastToldWithCpu: Spread;
  /** Milliseconds until each was told. */
  readonly each: { readonly p50: number; readonly p99: number };
  /** Subscribers that were not told in time, of all changes. */
  readonly missed: number;
  /** CPU milliseconds of the registry for a change. */
  readonly cpuMs: number;
  /** CPU milliseconds of all clients for a change: they are one process, so the last of them is told no sooner. */
  readonly clientsCpuMs: number;
  /** Of the machine, that other processes took meanwhile. */
  readonly others: number;
  /** MB after all changes. */
  readonly memory: number;
}

/** The heartbeats and polls of all clients are spread over the longest interval of them. */
const SPREAD_MS = 10_000;
const SETTLE_MS = 10_000;
const LOOK_MS = 10_000;
const LOOK_PARTS = 20;
/** A subscriber that is not told by then learns of the change when it polls. */
const TOLD_WITHIN_MS = 5_000;

/** Runs the measurement; `say` hears what is being done. Ends what it started. */
export async function measure(options: Options, say: (what: string) => void): Promise<Figures> {
  const port = await freePortGroup([0, GRPC_PORT_OFFSET]);
  const dataDir = mkdtempSync(join(tmpdir(), "cfmp-bench-registry-"));
  const job: RegistryJob = { port, dataDir };
  const registry = new Child<FromRegistry>(join(SUPPORT, "run-registry.ts"), job, { flags: helperFlags });
  try {
    await registry.receive("listening");
    const before = residentMb(registry.pid);
    say(`${options.instances} instances and ${options.subscribers} subscribers come`);
    const load = await startLoad({
      ...options,
      port,
      grpcPort: port + GRPC_PORT_OFFSET,
      spreadMs: SPREAD_MS,
    });
    await sleep(SETTLE_MS);
    const settled = residentMb(registry.pid);
    say(`${options.minutes} min without changes`);
    const steady = await watchSteady(registry.pid, options);
    say(`${options.changes} changes`);
    const changes = await makeChanges(registry.pid, load.change, options);
    const failed = { count: load.errors.length, first: load.errors.slice(0, 5) };
    await load.close();
    return {
      machine: thisMachine(),
      options,
      memory: { before, settled },
      steady,
      changes,
      failed,
    };
  } finally {
    await registry.end();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const SUPPORT = join(import.meta.dirname, "..", "..", "tests", "support");

/** CPU time and wall time of a process from now on, and the share of the machine that others take. */
function stopwatch(pid: number) {
  const begun = {
    cpu: cpuTime(pid),
    wall: performance.now(),
    machine: machineTime(),
    own: process.cpuUsage(),
  };
  return () => {
    const wallMs = performance.now() - begun.wall;
    const cpuMs = cpuTime(pid) - begun.cpu;
    const { user, system } = process.cpuUsage(begun.own);
    const clientsCpuMs = (user + system) / 1_000;
    const others = othersShare(machineTime() - begun.machine, cpuMs + clientsCpuMs, wallMs);
    return { wallMs, cpuMs, clientsCpuMs, others };
  };
}

async function watchSteady(pid: number, { minutes }: Options): Promise<Steady> {
  const watch = stopwatch(pid);
  const memory: number[] = [];
  for (let looks = 0; looks < (minutes * 60_000) / LOOK_MS; looks += 1) {
    let least = Number.POSITIVE_INFINITY;
    for (let part = 0; part < LOOK_PARTS; part += 1) {
      await sleep(LOOK_MS / LOOK_PARTS);
      least = Math.min(least, residentMb(pid));
    }
    memory.push(least);
  }
  const { wallMs, cpuMs, others } = watch();
  return { seconds: wallMs / 1_000, cpuShare: cpuMs / wallMs, others, memory };
}

async function makeChanges(
  pid: number,
  change: (withinMs: number) => Promise<readonly number[]>,
  { changes, pause }: Options,
): Promise<Changes> {
  const watch = stopwatch(pid);
  const rounds: (readonly number[])[] = [];
  const waits: number[] = [];
  const waited = () => [waitedForCpu(pid), waitedForCpu(process.pid)];
  for (let round = 0; round < changes; round += 1) {
    const before = waited();
    rounds.push(await change(TOLD_WITHIN_MS));
    waits.push(Math.max(...waited().map((now, index) => now - (before[index] ?? 0))));
    await sleep(pause);
  }
  const { cpuMs, clientsCpuMs, others } = watch();
  const last = rounds.map((times) => Math.max(...times));
  const withCpu = last.map((time, round) => Math.max(0, time - (waits[round] ?? 0)));
  const each = rounds.flat();
  return {
    count: changes,
    lastTold: spread(last),
    lastToldWithCpu: spread(withCpu),
    each: { p50: quantile(each, 0.5), p99: quantile(each, 0.99) },
    missed: each.filter((time) => time >= TOLD_WITHIN_MS).length,
    cpuMs: cpuMs / changes,
    clientsCpuMs: clientsCpuMs / changes,
    others,
    memory: residentMb(pid),
  };
}

const spread = (values: readonly number[]): Spread => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
  most: Math.max(...values),
});
