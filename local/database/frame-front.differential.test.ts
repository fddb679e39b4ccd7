// The same requests by HTTP and by frames get the same replies.

import { afterEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FrameClient } from "../../lib/storage/frames/client.ts";
import type { Reply } from "../../lib/storage/transport.ts";
import { inOrder } from "./fast/test-both.ts";
import { bursts } from "./fast/test-requests.ts";
import { TABLES } from "./fast/test-tables.ts";
import { type Database, startDatabase } from "./server.ts";

const cleanups: (() => Promise<void>)[] = [];
const cleanUp = async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
};
afterEach(cleanUp);

type Ask = (operation: string, body: string) => Promise<Reply>;

async function open(): Promise<Database> {
  const database = await startDatabase({ host: "127.0.0.1", port: 0, log: () => {} });
  cleanups.push(() => database.close());
  return database;
}

const byHttp =
  ({ port }: Database): Ask =>
  async (operation, body) => {
    const target = `DynamoDB_20120810.${operation}`;
    const headers = { "x-amz-target": target, authorization: "AWS4-HMAC-SHA256 x" };
    const reply = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body });
    const writeFailure = reply.headers.get("x-database-write-failure") ?? undefined;
    return { status: reply.status, text: await reply.text(), writeFailure };
  };

function byFrames({ port }: Database): Ask {
  const client = new FrameClient(`http://127.0.0.1:${port}`, 60_000);
  cleanups.push(() => client.close());
  return (operation, body) => client.exchange(operation, body);
}

/** One database that is used by HTTP, one by frames. */
async function both(): Promise<readonly [Ask, Ask]> {
  const ways = [byHttp(await open()), byFrames(await open())] as const;
  for (const ask of ways) {
    for (const table of TABLES)
      expect(await ask("CreateTable", JSON.stringify(table))).toMatchObject({ status: 200 });
  }
  return ways;
}

test("those of the services, nearly the same, and others", async () => {
  let sent = 0;
  const statuses: Record<number, number> = {};
  await fc.assert(
    fc.asyncProperty(bursts, async (requests) => {
      const [http, frames] = await both();
      for (const [operation, input] of requests.flat()) {
        const body = JSON.stringify(input);
        const [expected, given] = [await http(operation, body), await frames(operation, body)];
        const shown = (reply: Reply) => ({
          operation,
          input,
          ...reply,
          text: inOrder(operation, reply.text),
        });
        expect(shown(given)).toEqual(shown(expected));
        sent += 1;
        statuses[expected.status] = (statuses[expected.status] ?? 0) + 1;
      }
      await cleanUp();
    }),
    { seed: 1, numRuns: 25 },
  );
  expect(sent).toBeGreaterThan(1_000);
  expect(statuses[200]).toBeGreaterThan(100);
  expect(statuses[400]).toBeGreaterThan(100);
});

test.each([
  ["Nonsense", "{}"],
  ["", "{}"],
  ["constructor", "{}"],
  ["PutItem", "no JSON"],
  ["GetItem", ""],
  ["GetItem", "[]"],
  ["ListTables", "{}"],
  ["PutItem", JSON.stringify({ TableName: "shop", Item: { id: { S: "张 🙂 \u0000 \ud800" } } })],
])("those that nobody should send: %j %j", async (operation, body) => {
  const [http, frames] = await both();
  expect(await frames(operation, body)).toEqual(await http(operation, body));
});
