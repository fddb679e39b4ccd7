// A rolling deployment under load: every instance gets SIGTERM, ends when it is drained, and a new process takes its place. Nothing may
// fail, not even a POST without a key, which nobody may send twice; live connections lose nothing.

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { type Client, readBy } from "./client.ts";
import { crewAt, inUse, type Worker } from "./crew.ts";
import { type Follower, follow } from "./follower.ts";
import type { Instance, Stack } from "./stack.ts";

/** Work goes on for so long between two replacements. */
const BETWEEN_MS = 1_000;
/** Of the notifications that users send themselves. */
const TITLE = "to myself";

export interface ReplaceReport {
  readonly seconds: number;
  readonly sent: number;
  /** Orders, payments and notifications, each by a POST without a key. */
  readonly created: number;
  readonly replaced: readonly string[];
  /** Live connections that were lost with their instance, and opened again. */
  readonly again: number;
  /** Requests that say nothing, because the machine was busy. */
  readonly busy: number;
  /** Requests that failed, what was done twice or not at all, and what was missed of live notifications: a sentence each. */
  readonly wrong: readonly string[];
}

/** Replaces each of `instances` while users work, who have addresses in 127.0.`network`.0/24. */
export async function replaceUnderLoad(
  stack: Stack,
  instances: readonly Instance[],
  network: number,
): Promise<ReplaceReport> {
  const began = performance.now();
  const made = new Map<string, Set<string>>();
  const madeBy = ({ user }: Worker) => {
    const ids = made.get(user) ?? new Set();
    made.set(user, ids);
    return ids;
  };
  const crew = await crewAt(stack, network);
  const followers: Follower[] = [];
  const replaced: string[] = [];
  const wrong: string[] = [];
  try {
    followers.push(...(await Promise.all(crew.workers.map((worker) => follow(stack.facts, worker)))));
    crew.begin((worker) => shopping(worker, madeBy(worker)));
    for (const instance of instances) {
      const code = await instance.stop();
      if (code !== 0) wrong.push(`${instance.name} ended with ${code} on SIGTERM`);
      await instance.start();
      await inUse(stack, instance);
      replaced.push(instance.name);
      await sleep(BETWEEN_MS);
    }
    await crew.end();
    wrong.push(...crew.failed);
    for (const worker of crew.workers) wrong.push(...(await notAsTold(worker, madeBy(worker))));
    wrong.push(...(await Promise.all(followers.map((one) => one.differences()))).flat());
  } finally {
    await crew.end();
    await Promise.all(followers.map((one) => one.close()));
    await crew.close();
  }
  return {
    seconds: Math.round((performance.now() - began) / 1_000),
    sent: crew.sent(),
    created: crew.workers.reduce((sum, worker) => sum + madeBy(worker).size, 0),
    replaced,
    busy: crew.busy(),
    again: followers.reduce((sum, one) => sum + one.connections() - 1, 0),
    wrong,
  };
}

/** One order, changed, paid, read, and a notification to themselves; no POST has a key. `made` gets what was created. */
async function shopping({ send }: Worker, made: Set<string>): Promise<void> {
  const post = async (path: string, body: unknown): Promise<unknown> => {
    const reply = await send("POST", path, { body });
    if (reply !== undefined) made.add(`${path}${reply.body["id"]}`);
    return reply?.body["id"];
  };
  const id = await post("/api/orders/", { customer_name: "张三", total_amount: 299.99 });
  if (id === undefined) return;
  await send("PUT", `/api/orders/${id}/`, { body: { remark: "quickly" } });
  await post("/api/payments/", { order_id: id, method: "sandbox" });
  await send("GET", `/api/orders/${id}/`);
  await post("/api/notifications/", { title: TITLE, content: "c" });
  await send("GET", "/api/payments/?limit=5");
  await send("GET", "/api/notifications/?limit=5");
}

/** What a user has, and was not told of, or has not, and was: a POST that was carried out twice, or lost. */
async function notAsTold(
  { user, client, unknown }: Worker,
  made: ReadonlySet<string>,
): Promise<readonly string[]> {
  const stored = new Set<string>();
  for (const path of ["/api/orders/", "/api/payments/", "/api/notifications/"])
    for await (const { id, title } of listed(client, path))
      if (title === undefined || title === TITLE) stored.add(`${path}${id}`);
  const untold = [...stored].filter((one) => !made.has(one));
  return [
    ...[...made].filter((one) => !stored.has(one)).map((one) => `${user} has lost ${one}`),
    ...(untold.length > unknown() ? untold.map((one) => `${user} was not told of ${one}`) : []),
  ];
}

const page = z.object({
  items: z.array(z.object({ id: z.string(), title: z.string().optional() })),
  next_cursor: z.string().nullable(),
});

async function* listed(client: Client, path: string) {
  let cursor: string | null = "";
  while (cursor !== null) {
    const body = await readBy(client, `${path}?limit=50${cursor && `&cursor=${cursor}`}`);
    const { items, next_cursor } = page.parse(body);
    yield* items;
    cursor = next_cursor;
  }
}
