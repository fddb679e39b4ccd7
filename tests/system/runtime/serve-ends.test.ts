// How `npm run serve` ends: by a signal, by one that comes twice, and when its npm is ended without it.

import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ROOT, startCommand } from "../../../tools/own-system/start-command.ts";
import { eventually, until } from "../../support/poll.ts";
import { isAlive } from "../../support/processes.ts";
import { listedHosts } from "../../support/registry-list.ts";
import { begin, type Program } from "../../support/run.ts";
import { cleanEnvironment, ownPorts, type System, startSystem } from "../../support/system.ts";

const SERVICE = "OrderService";

let system: System;
beforeAll(async () => {
  system = await startSystem({ args: ["--service", "payments"] });
});
afterAll(() => system?.cleanUp());

interface Server {
  readonly program: Program;
  /** Of what serves, which the shell of npm has started. */
  readonly pid: number;
  readonly url: string;
}

/** OrderService, as npm runs it: by a shell, whose pid is the program's. */
async function serve(): Promise<Server> {
  const { port, args } = await ownPorts(["orders"]);
  const line = [`${ROOT}/node_modules/.bin/node`, ...startCommand(ROOT, "serve"), ...args];
  const program = await begin("sh", ["-c", '"$@"; exit $?', "sh", ...line], {
    cwd: ROOT,
    group: true,
    env: {
      ...cleanEnvironment(),
      ...system.env,
      npm_lifecycle_event: "serve",
      DB_HOST: "127.0.0.1",
      SECRET_KEY: "s".repeat(32),
      SMTP_URL: `smtp://127.0.0.1:${system.env["MAIL_SMTP_PORT"]}`,
    },
  });
  const listed = await until("it is registered", async () =>
    (await listedHosts(system.registryUrl, SERVICE)).find((host) => host.port === port),
  );
  return { program, pid: Number(listed.metadata["pid"]), url: `http://127.0.0.1:${port}` };
}

/** A request that the server has begun to read, and how it is answered once `finish` is called. */
async function underWay(url: string) {
  const sent = request(`${url}/api/orders/`, { method: "POST", headers: { "content-length": 2 } });
  const answered = new Promise<number | undefined>((resolve, reject) => {
    sent.once("response", (reply) => resolve(reply.resume().statusCode));
    sent.once("error", reject);
  });
  answered.catch(() => {});
  sent.write("{");
  await new Promise((resolve) => sent.once("socket", (socket) => socket.once("connect", resolve)));
  return { answered, finish: () => sent.end("}") };
}

const notListed = (port: string) =>
  eventually(async () => {
    const hosts = await listedHosts(system.registryUrl, SERVICE);
    expect(hosts.map((host) => String(host.port))).not.toContain(port);
  });

test("a signal that comes by npm as well is one: what is under way is answered", async () => {
  const { program, pid, url } = await serve();
  const { answered, finish } = await underWay(url);
  // Two of one name might be taken for one by the system.
  process.kill(pid, "SIGTERM");
  process.kill(pid, "SIGINT");
  await notListed(new URL(url).port);
  finish();
  expect(await answered).toBe(401);
  expect(await program.ended).toBe(0);
});

test("a signal to npm alone, which ends it and not what it runs, lets that end as well", async () => {
  const { program, pid, url } = await serve();
  const { answered, finish } = await underWay(url);
  process.kill(program.pid, "SIGTERM");
  await notListed(new URL(url).port);
  finish();
  expect(await answered).toBe(401);
  await until("it has ended", () => !isAlive(pid));
});
