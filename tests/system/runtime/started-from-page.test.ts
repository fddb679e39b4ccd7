// A runtime that was started from the control room's page belongs to nobody: it stays when the process ends that has started the helper.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Session } from "../../../local/control-room/api.ts";
import type { SystemMap } from "../../../local/control-room/map-contract.ts";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { type System, startSystem } from "../../support/system.ts";

/** Of the runtime's own time: it looks twice a second for whether its npm has ended (local/runtime/orphaned.ts). */
const STAYS_S = 3;

let system: System;
let base: string;

beforeAll(async () => {
  const [port] = await freePorts(1);
  base = `http://127.0.0.1:${port}`;
  // As npm starts it: the helper has the environment of npm's script as well.
  system = await startSystem({
    env: { DEBUG: "True", CONTROL_ROOM_PORT: String(port), npm_lifecycle_event: "start" },
  });
});
afterAll(async () => {
  await system?.cleanUp();
});

async function read<T>(url: string): Promise<T> {
  const reply = await fetch(url);
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${await reply.text()}`);
  const value: T = JSON.parse(await reply.text());
  return value;
}

const runtimes = async () => (await read<SystemMap>(`${base}/api/map`)).runtimes;

async function act(action: "add" | "kill" | "restart", runtime: string): Promise<void> {
  const { token } = await read<Session>(`${base}/api/session`);
  const reply = await fetch(`${base}/api/actions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-control-room-token": token },
    body: JSON.stringify({ action, runtime }),
  });
  expect([reply.status, await reply.text()]).toEqual([200, expect.anything()]);
}

/** The runtime that is well and is none of `others`. */
const another = (others: readonly (number | undefined)[]) =>
  until("another runtime is well", async () =>
    (await runtimes()).find(({ pid, state }) => state === "ok" && !others.includes(pid)),
  );

/** Where a runtime answers as OrderService. */
async function ordersOf(runtime: string): Promise<string> {
  const { nodes } = await read<SystemMap>(`${base}/api/map`);
  const orders = nodes.find(({ name }) => name === "OrderService");
  return orders?.instances.find((instance) => instance.runtime === runtime)?.url ?? "";
}

const uptime = async (url: string) => (await read<{ uptime_s: number }>(`${url}/health/`)).uptime_s;

test("a runtime that was added, and one that was started again, outlive the one that has started the helper", async () => {
  const first = await another([]);
  await act("add", first.id);
  const added = await another([first.pid]);
  await act("restart", added.id);
  const again = await another([first.pid, added.pid]);
  await act("add", again.id);
  const last = await another([first.pid, added.pid, again.pid]);

  await act("kill", first.id);
  await until("the first one is down", async () =>
    (await runtimes()).some(({ pid, state }) => pid === first.pid && state === "down"),
  );
  for (const { id } of [again, last]) {
    const url = await ordersOf(id);
    const from = await uptime(url);
    await until("some of its time has passed", async () => (await uptime(url)) >= from + STAYS_S);
  }
  const left = (await runtimes()).filter(({ state }) => state === "ok");
  expect(left.map(({ pid }) => pid).sort()).toEqual([again.pid, last.pid].sort());
});
