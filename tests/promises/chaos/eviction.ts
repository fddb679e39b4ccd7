// How long the registry lists a runtime that was killed: from the signal until it is missing from the list, or until a real
// Nacos has accepted its deregistration (its lists follow half a second later).

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../../support/free-ports.ts";
import { startNacos } from "../../support/nacos-server/start.ts";
import { until } from "../../support/poll.ts";
import { median } from "../../support/quantiles.ts";
import { listedHosts } from "../../support/registry-list.ts";
import { type System, startBeside, startSystem } from "../../support/system.ts";
import type { Scenario } from "./chaos.ts";
import { countingProxy } from "./counting-proxy.ts";

export interface EvictionScenario extends Omit<Scenario, "seconds"> {
  readonly repeat: number;
  /** A real Nacos instead of the embedded registry. */
  readonly nacos: boolean;
}

const WITHIN_MS = 100;
const POLL_MS = 5;

interface Measured {
  /** From the kill until the kernel has taken the process down and refuses connections: the sidecar may be quicker. */
  readonly gone: number;
  /** From the kill until it is out. */
  readonly evicted: number;
}

/** A system that keeps registry and database alive, and how to see that an instance is out. */
interface Scene {
  readonly keeper: System;
  isOut(port: number): Promise<boolean>;
  end(): Promise<void>;
}

export async function eviction({ repeat, nacos, checks, say }: EvictionScenario): Promise<void> {
  const scene = await (nacos ? withNacos() : withEmbedded());
  const measured: Measured[] = [];
  try {
    for (let run = 0; run < repeat; run += 1) {
      const one = await measure(scene);
      measured.push(one);
      say(
        `  ${run + 1}: listener gone after ${one.gone.toFixed(0)} ms, out after ${one.evicted.toFixed(0)} ms`,
      );
    }
  } finally {
    await scene.end();
  }
  const [evicted, gone] = [measured.map((one) => one.evicted), measured.map((one) => one.gone)];
  const describe = (values: readonly number[]) =>
    `median ${median(values).toFixed(0)}, longest ${Math.max(...values).toFixed(0)} ms`;
  checks.check(
    nacos
      ? `Nacos has accepted the deregistration of a killed runtime within ${WITHIN_MS} ms`
      : `a killed runtime is out of the registry within ${WITHIN_MS} ms`,
    evicted.length > 0 && median(evicted) < WITHIN_MS,
    `${describe(evicted)} (${repeat} kills); its listener took connections until ${describe(gone)}`,
  );
}

async function withEmbedded(): Promise<Scene> {
  const keeper = await startSystem();
  return {
    keeper,
    isOut: async (port) =>
      !(await listedHosts(keeper.registryUrl, "NotificationService")).some((host) => host.port === port),
    end: () => keeper.cleanUp(),
  };
}

async function withNacos(): Promise<Scene> {
  const nacos = await startNacos();
  const [port = 0] = await freePorts(1);
  const accepted = new Set<number>();
  const proxy = await countingProxy(port, Number(nacos.address.replace(/^.*:/, "")), (line) => {
    if (/^DELETE .*\/ns\/instance\?/.test(line)) accepted.add(Number(/[?&]port=(\d+)/.exec(line)?.[1]));
  });
  const env = { NACOS_SERVER: `127.0.0.1:${port}`, EMBEDDED_REGISTRY: "off" };
  const keeper = await startSystem({ env }).catch(async (error: unknown) => {
    await nacos.close();
    throw error;
  });
  return {
    keeper,
    isOut: async (of) => accepted.has(of),
    async end() {
      await keeper.cleanUp();
      await proxy.close();
      await nacos.close();
    },
  };
}

async function measure({ keeper, isOut }: Scene): Promise<Measured> {
  const system = await startBeside(keeper, ["notifications"]);
  const { port } = system;
  try {
    const listed = async () =>
      (await listedHosts(keeper.registryUrl, "NotificationService")).some((host) => host.port === port);
    await until("it is listed", listed);
    // A quiet moment: starting is over.
    await sleep(500);
    const killed = performance.now();
    process.kill(system.pid, "SIGKILL");
    const since = async (over: () => Promise<boolean>) => {
      while (!(await over())) await sleep(POLL_MS);
      return performance.now() - killed;
    };
    const [gone, evicted] = await Promise.all([
      since(async () => !(await listens(port))),
      since(() => isOut(port)),
    ]);
    return { gone, evicted };
  } finally {
    await system.cleanUp();
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
