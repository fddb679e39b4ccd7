// Users at work through Nginx while every instance is killed in turn and started again: what may be repeated must not fail.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { crewAt, inUse, type Worker } from "./crew.ts";
import type { Instance, Stack } from "./stack.ts";

const AT_LEAST_MS = 30_000;
/** Work goes on for so long after a kill, before that instance is started again. */
const AWAY_MS = 3_000;

export interface LoadReport {
  readonly seconds: number;
  readonly sent: number;
  /** Requests that may be repeated and were not answered 2xx: one line each; without those of {@link busy}. */
  readonly failed: readonly string[];
  /** Requests that say nothing, because the machine was busy. */
  readonly busy: number;
  readonly killed: readonly string[];
  /** Requests that Nginx sent to a second instance. */
  readonly repeated: number;
}

/** Lets users work for half a minute at least, and until each of `victims` was killed with SIGKILL and is back. */
export async function loadWhileKilling(stack: Stack, victims: readonly Instance[]): Promise<LoadReport> {
  const began = performance.now();
  const crew = await crewAt(stack, 1);
  crew.begin(shopping);
  const killed: string[] = [];
  try {
    for (const instance of victims) {
      await instance.kill();
      killed.push(instance.name);
      await sleep(AWAY_MS);
      await instance.start();
      await inUse(stack, instance);
    }
    await sleep(Math.max(0, AT_LEAST_MS - (performance.now() - began)));
  } finally {
    await crew.end();
    await crew.close();
  }
  const seconds = Math.round((performance.now() - began) / 1_000);
  const repeated = stack.nginx.lines().filter(({ instance }) => String(instance).includes(",")).length;
  return { seconds, sent: crew.sent(), failed: crew.failed, busy: crew.busy(), killed, repeated };
}

/** One order, read, changed, listed and paid; everything that is sent is idempotent, or has a key. */
async function shopping({ send }: Worker): Promise<void> {
  const keyed = (path: string, body: unknown) =>
    send("POST", path, { headers: { "idempotency-key": randomUUID() }, body });
  const order = await keyed("/api/orders/", { customer_name: "张三", total_amount: 299.99 });
  if (order === undefined) return;
  const { id } = order.body;
  await send("GET", `/api/orders/${id}/`);
  await send("PUT", `/api/orders/${id}/`, { body: { remark: "quickly" } });
  await send("GET", "/api/orders/?limit=5");
  await keyed("/api/payments/", { order_id: id, method: "sandbox" });
  await send("GET", "/api/payments/");
  await send("GET", "/api/notifications/");
}
