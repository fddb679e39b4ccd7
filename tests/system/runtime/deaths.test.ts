// Parts of the running system are killed, paused or stopped; the others must notice and repair it, or end.

import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { until } from "../../support/poll.ts";
import { commandOf, waitedForCpu } from "../../support/processes.ts";
import { listedHosts } from "../../support/registry-list.ts";
import { type System, startBeside, startSystem } from "../../support/system.ts";

const pidOf = (system: System, part: string): number => {
  const pid = system.pids().find((one) => commandOf(one).includes(part));
  if (pid === undefined) throw new Error(`There is no process of ${part}`);
  return pid;
};

const hosts = (system: System, service = "OrderService") => listedHosts(system.registryUrl, service);

const registered = async (system: System): Promise<boolean> =>
  (await hosts(system)).some(({ healthy }) => healthy);

/**
 * The registry drops an instance that is silent for 6 s. A sidecar is back within 2 s, unless the machine has no processor
 * for it: only if it and those it depends on waited this long may its services be forgotten meanwhile.
 */
const STARVED_MS = 2_000;

describe("a system", () => {
  let system: System;

  beforeAll(async () => {
    system = await startSystem();
  });

  afterAll(() => system?.cleanUp());

  test("whose sidecar is killed starts it again, and nobody sees the services gone meanwhile", async () => {
    const before = pidOf(system, "sidecar");
    const others = [system.pid, pidOf(system, "helper/main.ts")];
    const waited = (pids: readonly number[]) => pids.reduce((sum, pid) => sum + waitedForCpu(pid), 0);
    const waitedBefore = waited(others);
    let seenGone = false;
    let watching = true;
    const watcher = (async () => {
      while (watching) {
        if ((await hosts(system)).length === 0) seenGone = true;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    process.kill(before, "SIGKILL");
    const after = await until("another sidecar runs", () =>
      system.pids().find((pid) => commandOf(pid).includes("sidecar") && pid !== before),
    );
    // Longer than the registry waits for a heartbeat before it drops an instance.
    const since = performance.now();
    await until("the time of a forgotten heartbeat is over", () => performance.now() - since > 7_000);
    watching = false;
    await watcher;
    const starved = waited([...others, after]) - waitedBefore > STARVED_MS;
    expect(seenGone && !starved).toBe(false);
    await until("its heartbeats are back", () => registered(system));
  });

  test("that hangs is out of the registry within seconds, and back when it goes on", async () => {
    process.kill(system.pid, "SIGSTOP");
    try {
      await until("it is out", async () => (await hosts(system)).length === 0);
    } finally {
      process.kill(system.pid, "SIGCONT");
    }
    await until("it is back", () => registered(system));
  });

  test("whose sidecar and registry are killed together has both again, with each service once", async () => {
    process.kill(pidOf(system, "sidecar"), "SIGKILL");
    process.kill(pidOf(system, "helper/main.ts"), "SIGKILL");
    await until("the services are registered again", () => registered(system));
    await until("the services say that all is well", async () => {
      const reply = await fetch(`${system.urls.orders}/health/`);
      return JSON.stringify(await reply.json()).includes('"status":"ok"');
    });
    expect(await hosts(system)).toHaveLength(1);
  });

  test("that is stopped deregisters first, completes requests in progress, and reports `down` meanwhile", async () => {
    const slow = slowOrder(system);
    await slow.begun;
    const ended = system.stop();
    await until("it is out of the registry", async () => (await hosts(system)).length === 0);
    const health = await fetch(`${system.urls.orders}/health/`);
    expect([health.status, health.headers.get("connection")]).toEqual([503, "close"]);
    expect(await health.json()).toMatchObject({ status: "down" });
    expect(await slow.finish()).toBe(201);
    expect(await ended).toBe(0);
    await until("no process is left", () => system.pids().length === 0);
  });
});

describe("of two runtimes", () => {
  let first: System;
  let second: System;

  beforeAll(async () => {
    first = await startSystem();
    second = await startBeside(first, ["orders"]);
  });

  afterAll(async () => {
    await second?.cleanUp();
    await first?.cleanUp();
  });

  test("one that is killed together with its sidecar is forgotten as its heartbeats stay away", async () => {
    expect(await hosts(first)).toHaveLength(2);
    for (const pid of second.pids()) process.kill(pid, "SIGKILL");
    await until("one is left", async () => (await hosts(first)).length === 1);
    expect(await registered(first)).toBe(true);
  });

  test("the last one, when killed, is deregistered at once, not after its time-out, and no process remains", async () => {
    let unhealthy = false;
    await first.kill();
    await until("it is out", async () => {
      const left = await hosts(first);
      // What is forgotten is unhealthy for three seconds before it goes.
      unhealthy ||= left.some(({ healthy }) => !healthy);
      return left.length === 0;
    });
    expect(unhealthy).toBe(false);
    await until("no process is left", () => first.pids().length === 0);
  });
});

/** An order whose body arrives in two parts; `finish` sends the second, and gives the status of the reply. */
function slowOrder({ urls }: System) {
  const body = JSON.stringify({ customer_name: "slow", total_amount: 1 });
  const call = httpRequest(`${urls.orders}/api/orders/`, {
    method: "POST",
    agent: false,
    headers: {
      "content-type": "application/json",
      "content-length": String(body.length),
      // The server reads the body once it has begun with the request.
      expect: "100-continue",
    },
  });
  const begun = new Promise<void>((resolve, reject) => {
    call.once("continue", resolve);
    call.once("error", reject);
  });
  const status = new Promise<number>((resolve, reject) => {
    call.once("response", (reply) => {
      reply.resume();
      resolve(reply.statusCode ?? 0);
    });
    call.once("error", reject);
  });
  status.catch(() => {});
  call.write(body.slice(0, 10));
  return {
    begun,
    finish() {
      call.end(body.slice(10));
      return status;
    },
  };
}
