// All measurements, in their order.

import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Child } from "../../tests/support/child.ts";
import type { FromRegistry } from "../../tests/support/run-registry.ts";
import type { Children } from "./children.ts";
import { wallClock } from "./clock.ts";
import { type Effort, effortOf, type Options } from "./options.ts";
import { killed, type Outage, type Outcome, paused, registryAway, sidecarKilled } from "./sections/faults.ts";
import { type FirstRequest, measureNewInstance } from "./sections/new-instance.ts";
import { measureOverhead, type Overhead } from "./sections/overhead.ts";
import { measureSlowInstance, type SlowInstance } from "./sections/slow-instance.ts";
import { PER_SECOND, Side } from "./side.ts";
import { Watcher } from "./watcher.ts";

export interface Fault<T extends Outcome = Outcome> {
  /** One for each repetition. */
  readonly ours: readonly T[];
  /** Undefined where the plain client has no such part. */
  readonly plain: T | undefined;
}

export interface Figures {
  readonly machine: {
    readonly cores: number;
    readonly cpu: string;
    readonly node: string;
    readonly date: string;
    /** Processes that wanted to run before the bench began, by core. */
    readonly load: number;
  };
  readonly command: string;
  readonly perSecond: number;
  readonly overhead: Overhead;
  readonly slowInstance: SlowInstance;
  readonly newInstance: { readonly ours: FirstRequest; readonly plain: FirstRequest };
  readonly faults: {
    readonly killed: Fault;
    readonly paused: Fault;
    readonly sidecarKilled: Fault;
    readonly bothKilled: Fault;
    readonly registryAway: Fault<Outage>;
  };
  readonly outageMs: number;
}

/** Runs everything with processes of `children`; `say` hears what is being done. */
export async function measure(
  options: Options,
  children: Children,
  say: (what: string) => void,
): Promise<Figures> {
  const effort = effortOf(options);
  const [load = 0] = loadavg();
  const { length: cores, 0: first } = cpus();
  const dataDir = await mkdtemp(join(tmpdir(), "cfmp-bench-discovery-"));
  try {
    say("a discovered call against a direct one");
    const overhead = await measureOverhead(children, effort.pairs);
    say("one slow instance");
    const slowInstance = await measureSlowInstance(children, effort.turns, effort.turnMs);
    return {
      machine: {
        cores,
        cpu: first?.model ?? "",
        node: process.version,
        date: new Date().toISOString(),
        load: load / cores,
      },
      command: `npm run bench:discovery${options.quick ? " -- --quick" : ""}`,
      perSecond: PER_SECOND,
      overhead,
      slowInstance,
      ...(await measureWithRegistry(children, dataDir, effort, say)),
      outageMs: effort.outageMs,
    };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

type WithRegistry = Pick<Figures, "newInstance" | "faults">;

async function measureWithRegistry(
  children: Children,
  dataDir: string,
  effort: Effort,
  say: (what: string) => void,
): Promise<WithRegistry> {
  say("starting a registry, three instances and a caller of each kind");
  let registry: Child<FromRegistry> = children.fork("../../tests/support/run-registry.ts", {
    port: 0,
    dataDir,
  });
  const { port } = await registry.receive("listening");
  const server = `127.0.0.1:${port}`;
  const watcher = new Watcher(server, ["OurService", "PlainService"]);
  try {
    const ours = new Side("ours", children, server, watcher);
    const plain = new Side("plain", children, server, watcher);
    await Promise.all([ours.fill(3), plain.fill(3)]);
    await Promise.all([ours.call(join(dataDir, "ours")), plain.call(dataDir)]);

    say("new instances");
    const newInstance = {
      ours: await measureNewInstance(ours, effort.starts),
      plain: await measureNewInstance(plain, effort.starts),
    };
    const both = async (fault: (side: Side) => Promise<Outcome>): Promise<Fault> => {
      // The plain client's takes a while; ours goes through its repetitions meanwhile.
      const [ofOurs, ofPlain] = await Promise.all([repeated(effort.kills, () => fault(ours)), fault(plain)]);
      return { ours: ofOurs, plain: ofPlain };
    };
    const alone = async (fault: () => Promise<Outcome>): Promise<Fault> => ({
      ours: await repeated(effort.kills, fault),
      plain: undefined,
    });
    say("kill -9 of an instance");
    const ofKill = await both((side) => killed(side, watcher));
    say("SIGSTOP of an instance");
    const ofPause = await both((side) => paused(side, watcher));
    say("kill -9 of a sidecar, and of an instance together with its sidecar");
    const ofSidecar = await alone(() => sidecarKilled(ours, watcher));
    const ofBoth = await alone(() => killed(ours, watcher, true));
    say("kill -9 of the registry");
    const killedAt = wallClock();
    registry.signal("SIGKILL");
    const restarted = (async () => {
      await sleep(effort.outageMs);
      registry = children.fork("../../tests/support/run-registry.ts", { port, dataDir });
      return (await registry.receive("listening")).at;
    })();
    const [outageOfOurs, outageOfPlain] = await Promise.all(
      [ours, plain].map((side) => registryAway(side, watcher, killedAt, restarted)),
    );
    const outage = { ours: outageOfOurs === undefined ? [] : [outageOfOurs], plain: outageOfPlain };
    return {
      newInstance,
      faults: {
        killed: ofKill,
        paused: ofPause,
        sidecarKilled: ofSidecar,
        bothKilled: ofBoth,
        registryAway: outage,
      },
    };
  } finally {
    watcher.end();
  }
}

async function repeated<T>(times: number, work: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let time = 0; time < times; time += 1) results.push(await work());
  return results;
}
