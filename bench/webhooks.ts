// npm run bench:webhooks -- [--rounds 10] [--messages 50] [--dead 1]
// What dead webhooks cost their neighbours: the time from an order to its message at a receiver that works, alone and beside dead
// webhooks that get the same events; in turns, so that what else the machine does counts for both.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { commandOptions, number } from "../tests/support/command.ts";
import { listen } from "../tests/support/free-ports.ts";
import { until } from "../tests/support/poll.ts";
import { quantile } from "../tests/support/quantiles.ts";
import { type Headers, send } from "../tests/support/shop.ts";
import { startSystem } from "../tests/support/system.ts";

const PATH = "/api/notifications/webhooks/";

/** `dead`: by turns webhooks that take a connection and never answer, and those that refuse it. */
const { rounds, messages, dead } = commandOptions({
  rounds: number(10),
  messages: number(50),
  dead: number(1),
});
const system = await startSystem({ env: { LOG_LEVEL: "error" } });
try {
  const alone: number[] = [];
  const beside: number[] = [];
  const living = await startReceiver();
  const mute = await listen(createTcpServer((socket) => void socket.on("error", () => {})));
  const seller = { uuid: `sam-${randomUUID()}` };
  await register(seller, living.port);
  await measure(seller, living);
  for (let round = 0; round < rounds; round += 1) {
    alone.push(...(await measure(seller, living)));
    const ids = [];
    for (let no = 0; no < dead; no += 1) ids.push(await register(seller, no % 2 === 0 ? mute : 9));
    beside.push(...(await measure(seller, living)));
    for (const id of ids) await send("DELETE", `${system.gatewayUrl}${PATH}${id}/`, undefined, seller);
    process.stderr.write(`${round + 1} of ${rounds}\n`);
  }
  print(alone, beside);
} finally {
  await system.cleanUp();
}
process.exit(0);

/** Remembers when each order's message came. */
async function startReceiver() {
  const arrived = new Map<string, number>();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    arrived.set(JSON.parse(body).data.order_id, performance.now());
    response.end();
  });
  return { arrived, port: await listen(server) };
}

async function register(seller: Headers, port: number): Promise<string> {
  const body = { url: `http://127.0.0.1:${port}/hook`, events: ["order.created"] };
  return (await send("POST", `${system.gatewayUrl}${PATH}`, body, seller)).body.id;
}

/** Milliseconds from the reply to an order to its message, of one order after another. */
async function measure(
  seller: { readonly uuid: string },
  { arrived }: Awaited<ReturnType<typeof startReceiver>>,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let no = 0; no < messages; no += 1) {
    const begun = performance.now();
    const body = { customer_name: "张三", total_amount: 20, seller_id: seller.uuid };
    const { body: order } = await send("POST", `${system.gatewayUrl}/api/orders/`, body, { uuid: "ann" });
    const at = await until("its message arrives", () => arrived.get(order.id));
    times.push(at - begun);
  }
  return times;
}

function print(alone: readonly number[], beside: readonly number[]): void {
  const row = (name: string, at: number) => {
    const [one, other] = [quantile(alone, at), quantile(beside, at)];
    return `${name.padEnd(6)} ${one.toFixed(1).padStart(8)} ${other.toFixed(1).padStart(8)} ${`${(100 * (other / one - 1)).toFixed(1)}%`.padStart(8)}`;
  };
  console.log(`${alone.length} messages each, ms      alone   beside   more`);
  for (const [name, at] of [
    ["p50", 0.5],
    ["p90", 0.9],
    ["p99", 0.99],
  ] as const)
    console.log(row(name, at));
}
