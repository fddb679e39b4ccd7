// Users at work through Nginx while every instance is killed in turn and started again: what may be repeated must not fail.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../support/poll.ts";
import { type Client, clientOf, type Reply } from "./client.ts";
import type { Instance, Stack } from "./stack.ts";

const USERS = 8;
const AT_LEAST_MS = 30_000;
/** Work goes on for so long after a kill, before that instance is started again. */
const AWAY_MS = 3_000;
/** A user's pause between two requests. */
const PAUSE_MS = 20;
/** A user whom Nginx limits waits, as its reply says. */
const LIMITED_MS = 1_000;

export interface LoadReport {
  readonly seconds: number;
  readonly sent: number;
  /** Requests that may be repeated and were not answered 2xx: one line each. */
  readonly failed: readonly string[];
  readonly killed: readonly string[];
  /** Requests that Nginx sent to a second instance. */
  readonly repeated: number;
}

/** Lets users work for half a minute at least, and until each of `victims` was killed with SIGKILL and is back. */
export async function loadWhileKilling(stack: Stack, victims: readonly Instance[]): Promise<LoadReport> {
  const began = performance.now();
  const users = await Promise.all(
    Array.from({ length: USERS }, (_, n) =>
      clientOf(stack.facts, { user: randomUUID(), address: `127.0.1.${n + 1}` }),
    ),
  );
  const failed: string[] = [];
  let sent = 0;
  let over = false;
  const counted = async (what: string, request: () => Promise<Reply>): Promise<Reply | undefined> => {
    sent += 1;
    try {
      let reply = await request();
      while (reply.status === 429) {
        await sleep(LIMITED_MS);
        reply = await request();
      }
      if (reply.status >= 200 && reply.status < 300) return reply;
      failed.push(`${what}: ${reply.status} ${JSON.stringify(reply.body)}`);
    } catch (error) {
      failed.push(`${what}: ${String(error)} ${String(error instanceof Error ? error.cause : "")}`);
    }
    return undefined;
  };
  const work = users.map(async (user) => {
    while (!over) await shopping(user, counted);
  });
  const killed: string[] = [];
  for (const instance of victims) {
    await instance.kill();
    killed.push(instance.name);
    await sleep(AWAY_MS);
    await instance.start();
    await inUse(stack, instance);
  }
  await sleep(Math.max(0, AT_LEAST_MS - (performance.now() - began)));
  over = true;
  await Promise.all(work);
  await Promise.all(users.map((user) => user.close()));
  const seconds = Math.round((performance.now() - began) / 1_000);
  const repeated = stack.nginx.lines().filter(({ instance }) => String(instance).includes(",")).length;
  return { seconds, sent, failed, killed, repeated };
}

/**
 * Waits until the instance that came back is asked by Nginx, and known to all others: only then may its sibling go, as in a rolling
 * deployment.
 */
async function inUse({ nginx, instances, facts }: Stack, { address, service }: Instance): Promise<void> {
  const from = nginx.lines().length;
  await until(`Nginx asks ${address} again`, () =>
    nginx
      .lines()
      .slice(from)
      .some(({ instance, status }) => String(instance).endsWith(address) && status === 200),
  );
  const expected = instances.filter((one) => one.service === service).length;
  const line = new RegExp(
    `^cfmp_peer_instances\\{service="${service}",state="available"\\} ${expected}$`,
    "m",
  );
  for (const place of Object.values(facts.metrics).flat()) {
    await until(`the instance at ${place} knows ${address}`, async () => {
      const metrics = await fetch(`http://${place}/metrics`);
      return line.test(await metrics.text());
    });
  }
}

type Counted = (what: string, request: () => Promise<Reply>) => Promise<Reply | undefined>;

/** One order, read, changed, listed and paid; everything that is sent is idempotent, or has a key. */
async function shopping(user: Client, counted: Counted): Promise<void> {
  const steps = async (method: string, path: string, body?: unknown) => {
    await sleep(PAUSE_MS);
    const headers: Record<string, string> = method === "POST" ? { "idempotency-key": randomUUID() } : {};
    return counted(`${method} ${path}`, () =>
      user.send(method, path, { headers, ...(body === undefined ? {} : { body }) }),
    );
  };
  const order = await steps("POST", "/api/orders/", { customer_name: "张三", total_amount: 299.99 });
  if (order === undefined) return;
  const { id } = order.body;
  await steps("GET", `/api/orders/${id}/`);
  await steps("PUT", `/api/orders/${id}/`, { remark: "quickly" });
  await steps("GET", "/api/orders/?limit=5");
  await steps("POST", "/api/payments/", { order_id: id, method: "sandbox" });
  await steps("GET", "/api/payments/");
  await steps("GET", "/api/notifications/");
}
