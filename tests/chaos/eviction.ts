// How long the registry lists a runtime that was killed: from the signal until it is missing from the list.

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../support/free-ports.ts";
import { until } from "../support/poll.ts";
import { listedHosts } from "../support/registry-list.ts";
import { type System, startSystem } from "../support/system.ts";
import type { Checks } from "./checks.ts";

export interface EvictionOptions {
  readonly repeat: number;
  readonly checks: Checks;
  readonly say: (line: string) => void;
}

const WITHIN_MS = 100;
const POLL_MS = 5;

interface Measured {
  /** From the kill until nobody listens: then the kernel has taken the process down, and the sidecar's channel closes. */
  readonly gone: number;
  /** From the kill until it is missing from the list. */
  readonly evicted: number;
}

export async function eviction({ repeat, checks, say }: EvictionOptions): Promise<void> {
  // Keeps registry and database alive.
  const keeper = await startSystem();
  const measured: Measured[] = [];
  try {
    for (let run = 0; run < repeat; run += 1) {
      const one = await measure(keeper);
      measured.push(one);
      say(
        `  ${run + 1}: listener gone after ${one.gone.toFixed(0)} ms, evicted after ${one.evicted.toFixed(0)} ms`,
      );
    }
  } finally {
    await keeper.cleanUp();
  }
  const sorted = (of: (one: Measured) => number) => measured.map(of).sort((one, other) => one - other);
  const [evicted, gone] = [sorted((one) => one.evicted), sorted((one) => one.gone)];
  const after = sorted((one) => one.evicted - one.gone);
  const describe = (values: readonly number[]) =>
    `median ${(values[Math.floor(values.length / 2)] ?? 0).toFixed(0)}, longest ${(values.at(-1) ?? 0).toFixed(0)} ms`;
  checks.check(
    `a killed runtime is out of the registry within ${WITHIN_MS} ms`,
    evicted.length > 0 && (evicted[Math.floor(evicted.length / 2)] ?? 0) < WITHIN_MS,
    `${describe(evicted)} (${repeat} kills); of that the kernel took ${describe(gone)}, the sidecar ${describe(after)}`,
  );
}

async function measure(keeper: System): Promise<Measured> {
  const [port = 0] = await freePorts(1);
  const system = await startSystem({
    beside: keeper,
    args: ["--service", "notifications", "--httpPort", String(port)],
  });
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
      since(async () => !(await listed())),
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
