// An instance of a service, with the sidecar beside it or the `nacos` package in it.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { loadConfig } from "../../../lib/config/env.ts";
import { loadNacos, onPackageError } from "../../../lib/nacos/package.ts";
import { startSidecar } from "../../../local/runtime/sidecar-process.ts";
import { portOf } from "../../../tests/support/free-ports.ts";
import { endWithParent, readJob, send } from "../../../tests/support/parent.ts";
import { wallClock } from "../clock.ts";
import type { PeerJob, ToPeer } from "../messages.ts";

endWithParent();
const job = readJob<PeerJob>();
const instance = randomUUID();
const host = "127.0.0.1";
// As the runtime does it: the sidecar loads while the service does.
const sidecar =
  job.announced === "sidecar" ? startSidecar({ env: { ...process.env }, log: () => {} }) : undefined;
let asked = false;

const servers = await Promise.all(job.delays.map((delay) => serve(delay)));
const ports = servers.map(portOf);
send({ type: "listening", ports, instance, at: wallClock() });
const leave = await announce(ports[0] ?? 0);
process.on("message", (_: ToPeer) => send({ type: "sidecar", pid: sidecar?.pid ?? 0 }));

process.once("SIGTERM", async () => {
  await leave();
  for (const server of servers) server.close();
  process.exit(0);
});

async function serve(delay: number): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { "cfmp-target-service": service = job.service, "cfmp-target-instance": one = instance } =
      request.headers;
    const probe = request.url === "/health/";
    if (!probe && !asked) {
      asked = true;
      send({ type: "first-request", at: wallClock() });
    }
    if (!probe && delay > 0) await sleep(delay);
    response.writeHead(service === job.service && one === instance ? 200 : 421, {
      "content-type": "application/json",
    });
    response.end(JSON.stringify({ service: job.service, instance, status: "ok" }));
  });
  server.listen(0, host);
  await once(server, "listening");
  return server;
}

/** @returns how to take it back. */
async function announce(port: number): Promise<() => Promise<void>> {
  if (sidecar !== undefined) {
    const config = loadConfig({ NACOS_SERVER: job.nacosServer });
    const metadata = { version: "1", pid: String(process.pid) };
    const watched = { service: job.service, probeHost: host, host, port, instance, metadata };
    sidecar.watch({ type: "watch", config, embedded: false, services: [watched] });
    return () => sidecar.stop();
  }
  if (job.announced === "none") return async () => {};
  const { NacosNamingClient } = await loadNacos();
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const client = new NacosNamingClient({
    logger: quiet,
    serverList: job.nacosServer,
    namespace: "public",
  });
  // Else it prints them.
  onPackageError(client, () => {});
  await client.ready();
  await client.registerInstance(job.service, { ip: host, port });
  return () => client.deregisterInstance(job.service, { ip: host, port });
}
