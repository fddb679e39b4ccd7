import { createServer as createHttpServer, type Server as HttpServer, request } from "node:http";
import { connect as connectTo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { NacosRegistry } from "../../../lib/discovery/registry/nacos-registry.ts";
import type { Registration } from "../../../lib/discovery/registry/registry.ts";
import { type ApiSetting, apiChoice } from "../../../lib/nacos/api.ts";
import { GRPC_PORT_OFFSET } from "../../../lib/nacos/grpc/methods.ts";
import { EmbeddedRegistry } from "../../support/embedded-registry.ts";
import { freePortGroup, listen, portOf } from "../../support/free-ports.ts";
import { eventually } from "../../support/poll.ts";
import { silentLog as log } from "../../support/silent-log.ts";

const HERE = { namespace: "public", group: "DEFAULT_GROUP", cluster: "DEFAULT" };
const connect = (server: string, api: ApiSetting = "auto") =>
  new NacosRegistry({ server, ...HERE, ...apiChoice(api, false), log });

const registration = { service: "OrderService", host: "127.0.0.1", port: 8001, weight: 1, metadata: {} };

/** Clients of `front`, and one of the server behind it; `ports` are those that a watch of the service has seen last. */
function clientsOf(front: Front, server: EmbeddedRegistry) {
  const [writer, reader] = [connect(front.address), connect(front.address)];
  const beside = connect(server.address);
  let ports: number[] = [];
  reader.watch(registration.service, (instances) => {
    ports = instances.map(({ port }) => port);
  });
  const close = async () => {
    await Promise.all([writer.close(), reader.close(), beside.close()]);
    await front.close();
    await server.close();
  };
  return { writer, beside, ports: () => ports, close };
}

describe("a server that is replaced by one with another API", () => {
  test("stays in use: what is registered stays, watches get changes", async () => {
    const server = await EmbeddedRegistry.start();
    const front = await Front.start(server.address);
    const { writer, beside, ports, close } = clientsOf(front, server);
    try {
      await writer.register(registration);
      await eventually(() => expect(ports()).toEqual([8001]));
      expect(front.requests("/nacos/v3/")).toBe(0);

      // Nobody notices an outage: from one request to the next v1 is gone, and so is what was registered.
      front.gone = "/nacos/v1/ns/instance";
      // Between the two the list is empty, for as long as the writer needs: the reader may come to see that or not.
      await server.restart();
      await eventually(async () => expect(await beside.list("OrderService")).toMatchObject([{ port: 8001 }]));
      await eventually(() => expect(ports()).toEqual([8001]));
      expect(front.requests("/nacos/v3/")).toBeGreaterThan(0);
      expect(writer.reachable()).toBe(true);
      await writer.deregister(registration);
      await eventually(() => expect(ports()).toEqual([]));

      // And back: an older version was put in its place.
      front.gone = "/nacos/v3/";
      await writer.register(registration);
      await eventually(() => expect(ports()).toEqual([8001]));
    } finally {
      await close();
    }
  });
});

describe("a server without v1", () => {
  test("is used by gRPC, and by v3 while nobody answers there; what is registered stays", async () => {
    const server = await EmbeddedRegistry.startWithGrpc();
    const front = await Front.start(server.address);
    front.gone = "/nacos/v1/";
    await front.openGrpc(server.grpcPort);
    const { writer, beside, ports, close } = clientsOf(front, server);
    try {
      await writer.register(registration);
      await eventually(() => expect(ports()).toEqual([8001]));
      expect(front.requests("/nacos/v3/")).toBe(0);

      await front.closeGrpc();
      await eventually(() => expect(front.requests("/nacos/v3/")).toBeGreaterThan(2));
      await eventually(async () => expect(await beside.list("OrderService")).toMatchObject([{ port: 8001 }]));
      expect(writer.reachable()).toBe(true);
      await writer.deregister(registration);
      await eventually(() => expect(ports()).toEqual([]));
    } finally {
      await close();
    }
  });
});

/** A server in front of another that answers some paths with 410, as Nacos does with what it dropped. */
class Front {
  readonly #server: HttpServer;
  readonly #requests: string[] = [];
  readonly #grpc = createServer();
  readonly #carried = new Set<Socket>();
  gone = "";

  private constructor(target: string) {
    this.#server = createHttpServer((incoming, response) => {
      const { method, url = "/", headers } = incoming;
      this.#requests.push(url);
      if (this.gone !== "" && url.startsWith(this.gone)) {
        incoming.resume();
        response.writeHead(410).end("Gone");
        return;
      }
      const onward = request(`http://${target}${url}`, { method, headers }, (reply) => {
        response.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(response);
      });
      onward.on("error", () => response.destroy());
      incoming.pipe(onward);
    });
  }

  static async start(target: string): Promise<Front> {
    const front = new Front(target);
    await listen(front.#server, await freePortGroup([0, GRPC_PORT_OFFSET]));
    return front;
  }

  /** Passes gRPC on to this port, too. */
  async openGrpc(target: number): Promise<void> {
    this.#grpc.on("connection", (socket) => {
      const onward = connectTo(target, "127.0.0.1");
      for (const end of [socket, onward]) {
        this.#carried.add(end);
        end.on("error", () => {});
      }
      socket.pipe(onward).pipe(socket);
    });
    await listen(this.#grpc, portOf(this.#server) + GRPC_PORT_OFFSET);
  }

  async closeGrpc(): Promise<void> {
    if (!this.#grpc.listening) return;
    const closed = new Promise((resolve) => this.#grpc.close(resolve));
    for (const socket of this.#carried) socket.destroy();
    await closed;
  }

  get address(): string {
    return `127.0.0.1:${portOf(this.#server)}`;
  }

  /** Number of requests for paths under `path`. */
  requests = (path: string): number => this.#requests.filter((url) => url.startsWith(path)).length;

  async close(): Promise<void> {
    await this.closeGrpc();
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

describe.each(["v1", "v3", "grpc"] as const)("the registry client over Nacos' %s API", (api) => {
  let server: EmbeddedRegistry;
  let registry: NacosRegistry;
  const registration: Registration = {
    service: "OrderService",
    host: "127.0.0.1",
    port: 8001,
    weight: 3,
    metadata: { instance: "one" },
  };
  beforeEach(async () => {
    server = await EmbeddedRegistry.startWithGrpc();
    registry = connect(server.address, api);
  });
  afterEach(async () => {
    await registry.close();
    await server.close();
  });

  test("registers again after the registry lost everything, and watches go on", async () => {
    let healthy: boolean[] = [];
    registry.watch("OrderService", (instances) => {
      healthy = instances.map((each) => each.healthy);
    });
    await registry.register(registration);
    await eventually(() => expect(healthy).toEqual([true]));

    await server.stop();
    await eventually(() => expect(registry.reachable()).toBe(false));
    await expect(registry.list("OrderService")).rejects.toMatchObject({ code: "registry_unavailable" });
    await server.restart();
    await eventually(async () => expect(await registry.list("OrderService")).toMatchObject([registration]));
    expect(registry.reachable()).toBe(true);
    await registry.deregister(registration);
    await eventually(() => expect(healthy).toEqual([]));
  });

  test("makes a few attempts a second at most at a dead registry, however many calls there are", async () => {
    const port = server.port + (api === "grpc" ? GRPC_PORT_OFFSET : 0);
    await registry.register(registration);
    registry.watch("OrderService", () => {});
    await server.stop();
    let connections = 0;
    const dead = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await listen(dead, port);

    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1_000;
    let refused = 0;
    while (refused <= 100 || seconds() < 3) {
      await registry.list("OrderService").catch(() => {
        refused += 1;
      });
      await sleep(1);
    }
    const perSecond = connections / seconds();
    await new Promise((resolve) => dead.close(resolve));
    await server.restart();
    expect(perSecond).toBeGreaterThan(0);
    expect(perSecond).toBeLessThan(7);
  });

  test("registering at a dead registry fails soon, and nothing is announced behind the caller's back", async () => {
    await server.stop();
    await expect(registry.register(registration)).rejects.toMatchObject({ code: "registry_unavailable" });
    await server.restart();
    await eventually(async () => expect(await registry.list("OrderService")).toEqual([]));
    await registry.register(registration);
    await eventually(async () => expect(await registry.list("OrderService")).toHaveLength(1));
  });

  test("refuses to announce loopback to a registry elsewhere, before anything is sent", async () => {
    const elsewhere = connect("nacos.invalid:8848", api);
    await expect(elsewhere.register(registration)).rejects.toMatchObject({ code: "loopback_advertised" });
    await elsewhere.close();
  });
});
