// One order that is paid, served by the handlers in the way AWS runs them: deliveries are recorded at once, hints invoke relays, and the
// database is reached over HTTP. All of it in this process, on the embedded database.

import { randomUUID } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { services } from "../../functions/services.ts";
import { createDynamoClient } from "../../lib/storage/dynamo-client.ts";
import { startDatabase } from "../../local/database/server.ts";
import { createTables } from "../../local/runtime/create-tables.ts";
import { listen, portOf } from "../../tests/support/free-ports.ts";
import { SANDBOX_SECRET, startInProcess } from "../../tests/support/in-process.ts";
import { orderIn, providerCallback, sendCallback, shop } from "../../tests/support/shop.ts";
import { systemTables } from "../../tests/support/system-tables.ts";
import { type Operation, startCountingProxy } from "../counting/proxy.ts";
import { orderWithLines } from "../load/new-orders.ts";

const FAMILY = "capacity";
const ROOT = join(import.meta.dirname, "..", "..");
const QUIET_MS = 700;

export interface AwsFlow {
  /** What the database did for it, in order. */
  readonly operations: readonly Operation[];
  /** Requests over the HTTP API. */
  readonly requests: number;
  /** Runs of Lambda functions: for requests, between services, and of relays. */
  readonly invocations: number;
  readonly seller: string;
}

/** Runs `flows` flows, each of a buyer and a seller never seen before, and returns the last one. */
export async function recordFlow(flows: number): Promise<AwsFlow> {
  const database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
  const url = `http://127.0.0.1:${database.port}`;
  const client = createDynamoClient({ url, region: "local", accessKeyId: "id", secretAccessKey: "secret" });
  await createTables(client, systemTables(FAMILY, true));
  const proxy = await startCountingProxy(url, `${FAMILY}-`, true);
  const lambda = await startLambda();
  const paths: string[] = [];
  subscribe("http.server.request.start", (message) => {
    const { request }: { request?: IncomingMessage } = Object(message);
    paths.push(request?.url ?? "");
  });
  const system = await startInProcess({
    AWS_LAMBDA_FUNCTION_NAME: `${FAMILY}-test`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    FUNCTION_PREFIX: `${FAMILY}-`,
    DB_ENGINE: "dynamodb",
    DB_NAME: FAMILY,
    DB_HOST: "127.0.0.1",
    DB_PORT: String(proxy.port),
    // A mail server that nobody is sent mail by: these users have no address.
    SMTP_URL: "smtp://127.0.0.1:9",
  });
  try {
    let last: AwsFlow | undefined;
    for (let flow = 0; flow < flows; flow += 1) {
      const [from, pathsBefore, runsBefore] = [proxy.seen.length, paths.length, lambda.runs()];
      const seller = randomUUID();
      const buyer = randomUUID();
      const customer = shop(system, buyer, await system.credentials({ sub: buyer }));
      const order = (await customer.order(orderWithLines(seller))).body;
      await quiet(proxy.seen);
      const payment = (await customer.pay(order.id)).body;
      await quiet(proxy.seen);
      await sendCallback(system, providerCallback(SANDBOX_SECRET, payment));
      await quiet(proxy.seen);
      const operations = proxy.seen.slice(from).filter(({ index }) => index !== "by_due");
      const between = paths.slice(pathsBefore).filter((path) => path.startsWith("/internal/")).length;
      await orderIn(customer, order.id, "paid");
      const requests = 3;
      last = { operations, requests, invocations: requests + between + lambda.runs() - runsBefore, seller };
    }
    if (last === undefined) throw new Error("No flow was run");
    return last;
  } finally {
    await system.cleanUp();
    await proxy.close();
    await lambda.close();
    await client.close();
    await database.close();
  }
}

/** Waits until nothing has asked the database for a while. */
async function quiet(seen: readonly unknown[]): Promise<void> {
  for (let before = -1; before !== seen.length; ) {
    before = seen.length;
    await sleep(QUIET_MS);
  }
}

/** Lambda's API, as far as hints need it: runs the relays of this process. */
async function startLambda() {
  const relays = new Map(
    services.flatMap(({ key, relays: own }) =>
      own.map(({ name, file }) => [name, `functions/${key}/handlers/${file}.ts`] as const),
    ),
  );
  let runs = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const name = decodeURIComponent(request.url?.split("/")[3] ?? "").replace(`${FAMILY}-`, "");
    const file = relays.get(name);
    response.writeHead(file === undefined ? 404 : 202).end();
    if (file === undefined) return;
    runs += 1;
    const { handler }: { handler: (event: unknown) => Promise<void> } = await import(join(ROOT, file));
    await handler(JSON.parse(Buffer.concat(chunks).toString()));
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    runs: () => runs,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
