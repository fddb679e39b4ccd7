// Parts of the running system are killed; the rest must notice and set it right, or end.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "../support/poll.ts";
import { commandOf } from "../support/processes.ts";
import { listedHosts } from "../support/registry-list.ts";
import { type System, startSystem } from "../support/system.ts";

let system: System;

beforeEach(async () => {
  system = await startSystem();
}, 70_000);

afterEach(() => system?.cleanUp());

const pidOf = (part: string): number => {
  const pid = system.pids().find((one) => commandOf(one).includes(part));
  if (pid === undefined) throw new Error(`There is no process of ${part}`);
  return pid;
};

const registered = async (): Promise<boolean> =>
  (await listedHosts(system.registryUrl, "OrderService")).some(({ healthy }) => healthy);

describe("when the runtime is killed", () => {
  test("its services leave the registry at once, and no process is left within 10 s", async () => {
    await system.kill();
    await until("the registry has forgotten it", async () => !(await registered()), 1_000);
    await until("no process is left", () => system.pids().length === 0, 10_000);
  });
});

describe("when the sidecar is killed", () => {
  test("it is started again, and nobody sees the services gone meanwhile", async () => {
    const before = pidOf("sidecar");
    let seenGone = false;
    let watching = true;
    const watcher = (async () => {
      while (watching) {
        if ((await listedHosts(system.registryUrl, "OrderService")).length === 0) seenGone = true;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    process.kill(before, "SIGKILL");
    await until("another sidecar runs", () =>
      system.pids().some((pid) => commandOf(pid).includes("sidecar") && pid !== before),
    );
    // Longer than the registry waits for a heartbeat before it drops an instance.
    const since = performance.now();
    await until("the time of a forgotten heartbeat is over", () => performance.now() - since > 7_000);
    watching = false;
    await watcher;
    expect(seenGone).toBe(false);
    await until("its heartbeats are back", registered);
  }, 30_000);
});

describe("when the helper with database and registry is killed", () => {
  test("it is started again at the same addresses, and the services are registered there", async () => {
    process.kill(pidOf("backing"), "SIGKILL");
    await until("the services are registered again", registered);
    await until("the services say that all is well", async () => {
      const reply = await fetch(`${system.urls.orders}/health/`);
      return JSON.stringify(await reply.json()).includes('"status":"ok"');
    });
    expect(await system.stop()).toBe(0);
    await until("no process is left", () => system.pids().length === 0);
  });
});
