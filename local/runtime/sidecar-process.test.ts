import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { loadConfig } from "../../lib/config/env.ts";
import { freePorts, listen } from "../../tests/support/free-ports.ts";
import { until } from "../../tests/support/poll.ts";
import { type SidecarProcess, startSidecar } from "./sidecar-process.ts";

const LONG_MS = 120_000;

let service: Server;
let sidecar: SidecarProcess;
let answers: boolean;
let lines: string[];

beforeEach(async () => {
  answers = true;
  lines = [];
  service = createServer((_, response) => {
    if (answers) response.end('{"service":"OrderService","instance":"one","status":"ok"}');
    else response.writeHead(503).end();
  });
  const port = await listen(service);
  const [nobody] = await freePorts(1);
  sidecar = startSidecar({ env: process.env, log: (_, message) => void lines.push(message) });
  sidecar.watch({
    type: "watch",
    embedded: false,
    config: loadConfig({ NACOS_SERVER: `127.0.0.1:${nobody}`, NACOS_API: "v3" }),
    services: [
      {
        service: "OrderService",
        probeHost: "127.0.0.1",
        host: "127.0.0.1",
        port,
        instance: "one",
        metadata: {},
      },
    ],
  });
});
afterEach(async () => {
  await sidecar.stop();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});

test("a registry that does not answer is said, and not waited for any longer", async () => {
  expect(await sidecar.registered(0, LONG_MS)).toBe(false);
  expect(lines).toContain("can't register OrderService; trying again every second");
});

test("while nothing has failed, the time that is usual is not the end", async () => {
  answers = false;
  let over = false;
  const registered = sidecar.registered(0, LONG_MS).then(() => {
    over = true;
  });
  await new Promise(setImmediate);
  expect(over).toBe(false);
  answers = true;
  await until("the failure is told", () => over);
  await registered;
});
