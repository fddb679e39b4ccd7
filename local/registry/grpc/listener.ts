// The registry's gRPC port: 1,000 above its HTTP port, where Nacos' clients look for it.

import type { Socket } from "node:net";
import { authority } from "../../../lib/core/host.ts";
import { GRPC_PORT_OFFSET } from "../../../lib/nacos/grpc/methods.ts";
import { tcpLimits } from "../../shared/listener/limits.ts";
import { tcpListener } from "../../shared/listener/tcp-server.ts";
import type { ConnectedClients } from "../clients.ts";
import type { Connections } from "../ended-instance.ts";
import type { Service } from "../service-table.ts";
import type { ConfigKey } from "../stored-config.ts";
import type { RegistryParts } from "./grpc-services.ts";
import type { GrpcServer } from "./http2-server.ts";

type Load = () => Promise<Pick<typeof import("./http2-server.ts"), "grpcServer">>;

const MAX_CONNECTIONS = 2_000;
const MAX_PORT = 65_535;

export class GrpcListener implements ConnectedClients, Connections {
  readonly #parts: RegistryParts;
  readonly #load: Load;
  readonly #listener: ReturnType<typeof tcpListener>;
  #host = "";
  #running: GrpcServer | undefined;

  /** @param load called for each connection. */
  constructor(parts: RegistryParts, load: Load = () => import("./http2-server.ts")) {
    this.#parts = parts;
    this.#load = load;
    // How long a client may be silent is for gRPC to say: it may have nothing to send for hours.
    const limits = { ...tcpLimits(MAX_CONNECTIONS), silentMs: Infinity, totalMs: Infinity };
    this.#listener = tcpListener(limits, (socket) => void this.#take(socket));
  }

  /**
   * Listens beside the registry at `port`. The port; undefined when it can't be had, of which the log tells: clients that use
   * HTTP don't need it.
   */
  async open(host: string, registryPort: number): Promise<number | undefined> {
    this.#host = host;
    const port = registryPort + GRPC_PORT_OFFSET;
    try {
      if (port > MAX_PORT) throw new RangeError(`there is no port ${port}`);
      return await this.#listener.open({ host, port });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#parts.log.warn(
        `The registry has no gRPC at ${authority(host, port)} (${why}): clients of Nacos 2 and later can't use it, others can. ` +
          "Stop what runs there, or use another port in NACOS_SERVER.",
      );
      return undefined;
    }
  }

  /** Tells the service's subscribers. */
  serviceChanged(service: Service): void {
    this.#running?.services.serviceChanged(service);
  }

  /** Tells the configuration's listeners. */
  configChanged(key: ConfigKey): void {
    this.#running?.services.configChanged(key);
  }

  clients(): ReturnType<ConnectedClients["clients"]> {
    return this.#running?.services.clients() ?? [];
  }

  subscriptions(): ReturnType<ConnectedClients["subscriptions"]> {
    return this.#running?.services.subscriptions() ?? [];
  }

  /** See {@link Connections}. */
  end(id: string, why: string): void {
    this.#running?.services.end(id, why);
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#running?.close();
    await this.#listener.close();
  }

  async #take(socket: Socket): Promise<void> {
    try {
      const { grpcServer } = await this.#load();
      // The client has gone meanwhile, or this listener has closed: then nothing is started.
      if (socket.destroyed) return;
      this.#running ??= grpcServer(this.#parts, this.#host);
      this.#running.take(socket);
    } catch (cause) {
      this.#parts.log.error({ err: cause }, "The registry's gRPC does not start");
      socket.destroy();
    }
  }
}
