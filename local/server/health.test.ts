import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { freePorts } from "../../tests/support/free-ports.ts";
import { run } from "../../tests/support/run.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function serviceThatSays(status: number): Promise<number> {
  const server = createServer((request, response) =>
    response.writeHead(request.url === "/health/" ? status : 500).end(),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const health = async (...ports: readonly number[]): Promise<number> =>
  (await run(process.execPath, [join(import.meta.dirname, "health.cjs"), ...ports.map(String)])).code;

test("is good where what listens says so, whatever does not listen", async () => {
  const [nobody = 0] = await freePorts(1);
  expect(await health(nobody, await serviceThatSays(200))).toBe(0);
  expect(await health(await serviceThatSays(421))).toBe(0);
});

test("is bad where one says that it is down, and where nobody listens", async () => {
  const [nobody = 0] = await freePorts(1);
  expect(await health(await serviceThatSays(200), await serviceThatSays(503))).toBe(1);
  expect(await health(nobody)).toBe(1);
});
