import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { loadConfig } from "../../lib/config/env.ts";
import { StorageUnavailable } from "../../lib/storage/errors.ts";
import { freePorts, listen, portOf } from "../../tests/support/free-ports.ts";
import { prepareDatabase, whileAway } from "./database.ts";

const database = createServer((_, reply) => reply.end('{"TableNames":[]}'));
/** Takes requests, and answers none. */
const silent = createServer(() => {});
const quiet = () => {};
const configAt = (port: number) => loadConfig({ DB_HOST: "127.0.0.1", DB_PORT: String(port) });

const servers = [database, silent];
beforeAll(() => Promise.all(servers.map((server) => listen(server))));
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

test("a database that answers is found, however busy this process is while it starts", async () => {
  const prepared = prepareDatabase(configAt(portOf(database)), {}, quiet);
  // Longer than an answer may take: loading everything else blocks like this on a slow machine.
  const until = performance.now() + 2_100;
  while (performance.now() < until);
  await expect(prepared).resolves.toBeUndefined();
});

test("a database that is not there is one line that says what to do", async () => {
  const [port = 0] = await freePorts(1);
  await expect(prepareDatabase(configAt(port), {}, quiet)).rejects.toMatchObject({
    code: "database_unreachable",
    message: expect.stringContaining(`127.0.0.1:${port}`),
  });
});

test("a database that cannot be written is one line that says why", async () => {
  const full = createServer((request, reply) => {
    const status = String(request.headers["x-amz-target"]).endsWith("ListTables") ? 200 : 503;
    reply.writeHead(status, { "x-database-write-failure": "there is no space left on its disk" }).end("{}");
  });
  await new Promise<void>((resolve) => full.listen(0, "127.0.0.1", resolve));
  const Properties = {
    TableName: "orders",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  };
  const tables = { Orders: { Type: "AWS::DynamoDB::Table", Properties } };
  try {
    await expect(prepareDatabase(configAt(portOf(full)), tables, quiet)).rejects.toMatchObject({
      code: "database_not_writable",
      message: expect.stringMatching(/no space left.*DATA_DIR/),
    });
  } finally {
    full.closeAllConnections();
    await new Promise((resolve) => full.close(resolve));
  }
});

/** Fails so many times with `error`. */
function failing(times: number, error: Error): () => Promise<void> {
  let failures = times;
  return async () => {
    failures -= 1;
    if (failures >= 0) throw error;
  };
}

test("the embedded database may be killed while a runtime starts: it is waited for, but not for ever", async () => {
  const away = new Error("away");
  await expect(whileAway(failing(2, away), { embedded: true })).resolves.toBeUndefined();
  const always = failing(Number.POSITIVE_INFINITY, away);
  await expect(whileAway(always, { embedded: true, withinMs: 150 })).rejects.toThrow("away");
});

test("another database is waited for while it takes requests and does not answer in time, and for nothing else", async () => {
  const late = await fetch(`http://127.0.0.1:${portOf(silent)}`, { signal: AbortSignal.timeout(10) }).catch(
    (error: unknown) => error,
  );
  const busy = new StorageUnavailable("ListTables", late);
  await expect(whileAway(failing(2, busy), { embedded: false })).resolves.toBeUndefined();
  const always = failing(Number.POSITIVE_INFINITY, busy);
  await expect(whileAway(always, { embedded: false, withinMs: 150 })).rejects.toBe(busy);
  for (const other of [new StorageUnavailable("ListTables", new Error("closed")), new Error("away")])
    await expect(whileAway(failing(1, other), { embedded: false })).rejects.toBe(other);
});
