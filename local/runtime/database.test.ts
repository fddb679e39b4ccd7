import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { loadConfig } from "../../lib/config/env.ts";
import { freePorts, portOf } from "../../tests/support/free-ports.ts";
import { prepareDatabase } from "./database.ts";

const database = createServer((_, reply) => reply.end('{"TableNames":[]}'));
const quiet = () => {};
const configAt = (port: number) => loadConfig({ DB_HOST: "127.0.0.1", DB_PORT: String(port) });

beforeAll(() => new Promise<void>((resolve) => database.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => database.close(resolve)));

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
