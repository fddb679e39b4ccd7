// npm run test:webhooks -- [--kills 6] [--seed 1]
// Kills runtimes with -9 under load, while a receiver in Python verifies each webhook with the official library of Standard Webhooks
// and refuses every fifth. Each event of each order must arrive, with one id, in the order in which it happened.

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { seededRandom } from "../../../tools/own-system/random.ts";
import { beforeEnd, commandOptions, number, report, seed, type Verdict } from "../../support/command.ts";
import { until } from "../../support/poll.ts";
import { endAllSystems, RealSystem } from "../../support/real-system.ts";
import { begin, type Program } from "../../support/run.ts";
import { type Answer, type Headers, send } from "../../support/shop.ts";
import { pythonWith } from "../../support/tools.ts";

/** The official library; the version that is tested. */
const LIBRARY = "standardwebhooks==1.1.0";
/** Buyers at once. */
const BUYERS = 3;
/** Longest wait between two kills, in orders. */
const BETWEEN = 10;
/** Messages that were refused are tried again after seconds; a circuit may have opened. */
const ARRIVE_WITHIN_MS = 10 * 60_000;

const line = z.object({
  id: z.string(),
  error: z.string().optional(),
  message: z
    .object({ type: z.string(), timestamp: z.string(), data: z.record(z.string(), z.string()) })
    .optional(),
});
type Line = z.infer<typeof line>;

/** What an order's webhook must get, in this order. */
interface Placed {
  readonly id: string;
  readonly events: readonly string[];
}

const options = commandOptions({ kills: number(6), seed });
beforeEnd(endAllSystems);
console.log(`seed ${options.seed}`);
const folder = mkdtempSync(join(tmpdir(), "cfmp-order-webhooks-"));
try {
  report(await webhooksUnderKills(options.kills, seededRandom(options.seed)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function webhooksUnderKills(kills: number, random: () => number): Promise<Verdict> {
  const secretFile = join(folder, "secret");
  const receiver = await startReceiver(secretFile);
  const system = await RealSystem.start({
    held: true,
    random,
    runtimes: [{}, { keys: ["notifications"], own: true }],
  });
  const url = () => system.runtimes[0]?.system.gatewayUrl ?? "";
  const seller = { uuid: `sam-${randomUUID()}` };
  const webhook = await register(url(), seller, receiver.port, secretFile);
  const load = startLoad(url, seller.uuid);
  for (let kill = 0; kill < kills; kill += 1) {
    const wanted = load.placed.length + 1 + Math.floor(random() * BETWEEN);
    await until("load goes on", () => load.placed.length >= wanted, ARRIVE_WITHIN_MS);
    const killed = system.runtimes[Math.floor(random() * system.runtimes.length)];
    await killed?.system.kill();
    await killed?.restart();
    console.log(`kill ${kill + 1}: ${killed?.name}, after ${wanted} orders`);
    // Half-way the receiver learns another secret; what is signed with both is verified with either.
    if (kill === Math.floor(kills / 2)) await rotate(`${url()}${webhook}secret/`, seller, secretFile);
  }
  await load.end();
  const wanted = load.placed.reduce((sum, { events }) => sum + events.length, 0);
  const arrived = () => new Set(receiver.lines().map(({ id }) => id)).size;
  await until("all arrive", () => arrived() >= wanted, ARRIVE_WITHIN_MS).catch(() => {});
  const lines = receiver.lines();
  await receiver.program.end();
  await system.cleanUp();
  const found = problems(load.placed, lines);
  for (const sentence of found) console.log(sentence);
  console.log(
    `${load.placed.length} orders, ${wanted} messages, ${lines.length} accepted, ${lines.filter(({ message }) => message).length} verified, ${kills} kills`,
  );
  return { passed: load.placed.length, failed: found.length };
}

async function startReceiver(secretFile: string) {
  const python = join(await pythonWith([LIBRARY]), "python");
  const program: Program = await begin(
    python,
    [join(import.meta.dirname, "webhook_receiver.py"), secretFile],
    {
      env: { PYTHONDONTWRITEBYTECODE: "1" },
    },
  );
  const port = await until("the receiver listens", () => /^(\d+)\n/.exec(program.stdout())?.[1]);
  const lines = (): readonly Line[] =>
    program
      .stdout()
      .split("\n")
      .slice(1, -1)
      .map((text) => line.parse(JSON.parse(text)));
  return { program, port, lines };
}

/** Returns the webhook's path. */
async function register(url: string, seller: Headers, port: string, secretFile: string): Promise<string> {
  const path = "/api/notifications/webhooks/";
  const body = {
    url: `http://127.0.0.1:${port}/hook`,
    events: ["order.created", "order.cancelled", "order.paid"],
  };
  const { body: webhook } = await send("POST", `${url}${path}`, body, seller);
  writeFileSync(secretFile, webhook.secret);
  return `${path}${webhook.id}/`;
}

/** Also when a kill takes the reply away: then another secret follows. */
async function rotate(url: string, seller: Headers, secretFile: string): Promise<void> {
  await until("the secret is another one", async () => {
    const { status, body } = await send("POST", url, {}, seller);
    if (status === 200) writeFileSync(secretFile, body.secret);
    return status === 200;
  });
}

/** Buyers order and cancel or pay until it ends; each request again until it has had its effect. */
function startLoad(url: () => string, seller: string) {
  const load = { placed: [] as Placed[], end: async () => {} };
  let over = false;
  const buyer = { uuid: `ann-${randomUUID()}` };
  const insist = (what: string, path: string, body: object, done: (answer: Answer) => boolean) => {
    const headers = { ...buyer, "idempotency-key": randomUUID() };
    return until(
      what,
      async () => {
        const answer = await send("POST", `${url()}/api/${path}`, body, headers);
        return done(answer) && answer.body;
      },
      ARRIVE_WITHIN_MS,
    );
  };
  const created = ({ status }: Answer) => status === 201;
  const buy = async () => {
    while (!over) {
      const body = { customer_name: "张三", total_amount: 20, seller_id: seller };
      const { id } = await insist("an order is placed", "orders/", body, created);
      const cancels = load.placed.length % 2 === 0;
      if (cancels) {
        const gone = ({ status }: Answer) => status === 200 || status === 409;
        await insist("it is cancelled", `orders/${id}/cancel/`, {}, gone);
      } else {
        const payment = await insist(
          "it is being paid",
          "payments/",
          { order_id: id, method: "sandbox" },
          created,
        );
        const decided = ({ status }: Answer) => status < 300 || status === 409;
        await insist(
          "its provider decides",
          `payments/${payment.id}/simulate/`,
          { outcome: "success" },
          decided,
        );
      }
      load.placed.push({ id, events: ["order.created", cancels ? "order.cancelled" : "order.paid"] });
    }
  };
  const buyers = Promise.all(Array.from({ length: BUYERS }, buy));
  buyers.catch(() => {});
  load.end = async () => {
    over = true;
    await buyers;
  };
  return load;
}

/** What is wrong with what arrived, a sentence each. */
function problems(placed: readonly Placed[], lines: readonly Line[]): readonly string[] {
  const unverified = lines.flatMap(({ id, error }) =>
    error === undefined ? [] : [`${id} is not verified: ${error}`],
  );
  const wrong = placed.flatMap(({ id, events }) => {
    const own = lines.filter(({ message }) => message?.data["order_id"] === id);
    const first = own.filter((one, at) => own.findIndex((other) => other.id === one.id) === at);
    const got = first.map(({ message }) => message?.type);
    return got.join() === events.join() ? [] : [`order ${id} is told as ${got.join()}, not ${events.join()}`];
  });
  return [...unverified, ...wrong];
}
