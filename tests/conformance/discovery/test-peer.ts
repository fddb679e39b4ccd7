// A service of one route for tests of discovery.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Registration } from "../../../lib/discovery/registry/registry.ts";
import { portOf } from "../../support/free-ports.ts";

/** Answers only what is meant for it, as every service here does. */
export class TestPeer {
  readonly #server: Server;
  readonly registration: Registration;
  /** Requests that were no health checks. */
  calls = 0;
  /** Requests that were meant for another service or instance, health checks apart. */
  strays = 0;
  /** Status of its health checks. */
  health = 200;

  private constructor(server: Server, registration: Registration) {
    this.#server = server;
    this.registration = registration;
  }

  static async start(service: string, port = 0): Promise<TestPeer> {
    const instance = randomUUID();
    const server = createServer((request, response) => {
      const { "cfmp-target-service": wanted, "cfmp-target-instance": one = instance } = request.headers;
      const probe = request.url === "/health/";
      const meant = wanted === service && one === instance;
      if (!probe && meant) peer.calls += 1;
      if (!probe && !meant) peer.strays += 1;
      const status = !meant ? 421 : probe ? peer.health : 200;
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ service, instance }));
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const metadata = { instance };
    const address = { host: "127.0.0.1", port: portOf(server) };
    const peer = new TestPeer(server, { service, ...address, weight: 1, metadata });
    return peer;
  }

  get port(): number {
    return this.registration.port;
  }

  /** As `kill -9` does it: no goodbye to the registry, connections broken. */
  async kill(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }
}
