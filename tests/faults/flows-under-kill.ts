// Flows create → pay → callback while the runtime is killed at random, and what must be true of them afterwards.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { readState } from "../../local/backing/state-file.ts";
import { until } from "../support/poll.ts";
import { seededRandom } from "../support/random.ts";
import {
  type Answer,
  eventCounts,
  providerCallback,
  type Shop,
  sendCallback,
  shop,
} from "../support/shop.ts";
import { type System, startSystem } from "../support/system.ts";

const SECRET = "faults-secret";
const AT_ONCE = 4;
const FLOW_WITHIN_MS = 180_000;
const SETTLED_WITHIN_MS = 15_000;

export interface KillOptions {
  readonly flows: number;
  readonly seed: number;
  /** What is killed: the runtime alone, or in turn also the helper with the database. */
  readonly parts: readonly ("runtime" | "database")[];
  readonly say: (line: string) => void;
}

export interface KillReport {
  readonly flows: number;
  readonly kills: number;
  /** Requests that got no answer, or a 5xx, and were sent again. */
  readonly repeated: number;
  /** Milliseconds from the last restart until everything had settled. */
  readonly settledMs: number;
  /** Every broken promise, in words; empty when all were kept. */
  readonly violations: readonly string[];
}

interface Flow {
  readonly customer: Shop;
  readonly orderId: string;
  readonly paymentId: string;
}

/** Runs the flows and the killing side by side, then looks at every order through the public API. */
export async function flowsUnderKill({ flows, seed, parts, say }: KillOptions): Promise<KillReport> {
  const random = seededRandom(seed);
  const first = await startSystem({ env: { SANDBOX_SECRET: SECRET } });
  let running = first;
  let kills = 0;
  let repeated = 0;
  let finished = 0;
  let over = false;
  try {
    const killing = (async () => {
      while (!over) {
        await sleep(300 + random() * 2_700);
        if (over) return;
        const part = parts[Math.floor(random() * parts.length)];
        if (part === "database") await killHelper(running);
        else {
          await running.kill();
          running = await startSystem({ beside: first });
        }
        kills += 1;
        say(`kill ${kills}: ${part} (${finished} flows are through)`);
      }
    })();
    const work = inParallel(flows, AT_ONCE, async () => {
      const flow = await runFlow(first, () => (repeated += 1));
      finished += 1;
      return flow;
    });
    const done = await Promise.race([work, killing.then(() => work)]);
    over = true;
    await killing;
    const restarted = performance.now();
    const violations = await settled(done);
    return {
      flows: done.length,
      kills,
      repeated,
      settledMs: Math.round(performance.now() - restarted),
      violations,
    };
  } finally {
    over = true;
    await running.cleanUp();
    await first.cleanUp();
  }
}

/** One flow, repeated step by step until each is acknowledged, as a careful client and provider would. */
async function runFlow({ urls }: System, onRepeat: () => void): Promise<Flow> {
  const customer = shop(urls);
  const key = { "idempotency-key": randomUUID() };
  const order = await acknowledged("order", onRepeat, () =>
    customer.order({ customer_name: "a", total_amount: 9.99 }, key),
  );
  const payment = await acknowledged("payment", onRepeat, () => customer.pay(order.body.id, key));
  const callback = providerCallback(SECRET, payment.body);
  await acknowledged("callback", onRepeat, () => sendCallback(urls, callback));
  return { customer, orderId: order.body.id, paymentId: payment.body.id };
}

/** Asks until a 2xx comes. @throws {Error} when the system refuses: nothing here deserves a 4xx. */
async function acknowledged(what: string, onRepeat: () => void, ask: () => Promise<Answer>): Promise<Answer> {
  const deadline = performance.now() + FLOW_WITHIN_MS;
  while (performance.now() < deadline) {
    const answer = await ask().catch(() => undefined);
    if (answer && answer.status < 300) return answer;
    if (answer && answer.status < 500) throw new Error(`${what} was refused: ${JSON.stringify(answer.body)}`);
    onRepeat();
    await sleep(50);
  }
  throw new Error(`Not within ${FLOW_WITHIN_MS} ms: ${what} is acknowledged`);
}

/** The promises that are still broken when everything had the time to settle. */
async function settled(flows: readonly Flow[]): Promise<readonly string[]> {
  let broken: readonly string[] = [];
  await until(
    "all promises are kept",
    async () => {
      broken = (await Promise.all(flows.map(brokenPromises))).flat();
      return broken.length === 0;
    },
    SETTLED_WITHIN_MS,
  ).catch(() => undefined);
  return broken;
}

async function brokenPromises({ customer, orderId, paymentId }: Flow): Promise<readonly string[]> {
  const [order, payment, counts] = await Promise.all([
    customer.readOrder(orderId),
    customer.readPayment(paymentId),
    eventCounts(customer, orderId),
  ]);
  const wrong: string[] = [];
  if (order.body.status !== "paid") wrong.push(`order ${orderId} is ${order.status} ${order.body.status}`);
  if (payment.body.status !== "succeeded")
    wrong.push(`payment ${paymentId} is ${payment.status} ${payment.body.status}`);
  for (const event of ["order.created", "order.paid"]) {
    if (counts[event] !== 1) wrong.push(`${event} of ${orderId} was told ${counts[event] ?? 0} times`);
  }
  return wrong;
}

/** Kills the helper with the database; waits for one, since the runtime may just be starting it again. */
async function killHelper(system: System): Promise<void> {
  await until("a helper runs and is killed", async () => {
    const helper = await readState(system.dataDir);
    return helper !== undefined && process.kill(helper.pid, "SIGKILL");
  });
}

async function inParallel<T>(count: number, atOnce: number, work: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  let begun = 0;
  const worker = async () => {
    while (begun < count) {
      begun += 1;
      results.push(await work());
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
