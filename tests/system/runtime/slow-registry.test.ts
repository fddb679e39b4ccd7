// A registry that takes its time: "Ready" is said when the services know each other, so that the first request is served.

import { createServer, request, type Server } from "node:http";
import { afterEach, expect, test } from "@jest/globals";
import { EmbeddedRegistry } from "../../support/embedded-registry.ts";
import { portOf } from "../../support/free-ports.ts";
import { SERVICE_NAMES } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

/** So many requests for a service's list are refused. A client pauses for longer after each one, and a start does not wait for ever. */
const REFUSED = 2;

/** The services whose list was sent. */
const listed = new Set<string>();

let registry: EmbeddedRegistry | undefined;
let front: Server | undefined;
let system: System | undefined;

afterEach(async () => {
  await system?.cleanUp();
  front?.closeAllConnections();
  front?.close();
  await registry?.close();
});

/** A server in front of the registry at `port`, which refuses the first requests for each service's list. @returns its port. */
async function reluctantFront(port: number): Promise<number> {
  const refused = new Map<string, number>();
  front = createServer((incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://registry");
    const service = searchParams.get("serviceName") ?? "";
    const count = refused.get(service) ?? 0;
    if (pathname.endsWith("/instance/list") && count < REFUSED) {
      refused.set(service, count + 1);
      outgoing.writeHead(503).end();
      return;
    }
    const { method, url, headers } = incoming;
    const passed = request({ host: "127.0.0.1", port, method, path: url, headers }, (reply) => {
      if (pathname.endsWith("/instance/list") && reply.statusCode === 200) listed.add(service);
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  const listening = front;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return portOf(listening);
}

test("the start waits for the lists of all services, also while the registry refuses them at first", async () => {
  registry = await EmbeddedRegistry.start();
  const port = await reluctantFront(registry.port);
  system = await startSystem({ env: { NACOS_SERVER: `127.0.0.1:${port}`, NACOS_API: "v1" } });
  const missing = Object.values(SERVICE_NAMES).filter(
    (name) => ![...listed].some((service) => service.endsWith(name)),
  );
  expect(missing).toEqual([]);
});
