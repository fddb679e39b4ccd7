// What all gRPC clients share: the tables of the registry, who watches them, and the requests that are answered.

import type { Log } from "../../../lib/observability/log.ts";
import type { CheckAccess } from "../account.ts";
import type { ConnectedClients } from "../clients.ts";
import type { ConfigStore } from "../config-store.ts";
import type { Connections } from "../ended-instance.ts";
import type { ListReplies } from "../list-reply.ts";
import type { Service, ServiceTable } from "../service-table.ts";
import type { ConfigKey } from "../stored-config.ts";
import { ConfigPushes } from "./config-pushes.ts";
import { configRequests } from "./config-requests.ts";
import type { GrpcConnection } from "./connection.ts";
import { PushMessages } from "./messages.ts";
import { NamingPushes } from "./naming-pushes.ts";
import { namingRequests } from "./naming-requests.ts";
import type { Push } from "./pushes.ts";
import { Requests } from "./requests.ts";

/** The parts of the registry, shared with its HTTP API. */
export interface RegistryParts {
  readonly table: ServiceTable;
  readonly replies: ListReplies;
  readonly configs: ConfigStore;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly check: CheckAccess;
  readonly log: Log;
}

export class GrpcServices implements ConnectedClients, Connections {
  readonly table: ServiceTable;
  readonly clock: () => number;
  readonly log: Log;
  readonly messages: PushMessages;
  readonly requests: Requests;
  /** Builds the message that asks a client whether it is there. */
  readonly detection: () => Push;
  readonly #naming: NamingPushes;
  readonly #configs: ConfigPushes;
  readonly #connections = new Set<GrpcConnection>();

  /** @param host this server's address. */
  constructor({ table, replies, configs, clock, check, log }: RegistryParts, host: string) {
    this.table = table;
    this.clock = clock;
    this.log = log;
    this.messages = new PushMessages(host);
    this.detection = () => this.messages.push("ClientDetectionRequest", "internal");
    this.#naming = new NamingPushes(table, replies, this.messages);
    this.#configs = new ConfigPushes(this.messages);
    const naming = namingRequests({ table, replies, pushes: this.#naming });
    this.requests = new Requests({ ...naming, ...configRequests(configs, this.#configs) }, check, log);
  }

  /** Tells the service's subscribers. */
  serviceChanged(service: Service): void {
    this.#naming.changed(service);
  }

  /** Tells the configuration's listeners. */
  configChanged(key: ConfigKey): void {
    this.#configs.changed(key);
  }

  clients(): readonly GrpcConnection[] {
    return [...this.#connections];
  }

  subscriptions(): ReturnType<NamingPushes["subscriptions"]> {
    return this.#naming.subscriptions();
  }

  /** See {@link Connections}. */
  end(id: string, why: string): void {
    for (const connection of this.clients()) if (connection.id === id) connection.end(why);
  }

  /** The connection is set up. */
  enter(connection: GrpcConnection): void {
    this.#connections.add(connection);
  }

  /** Removes what the connection has registered and subscribed. */
  leave(connection: GrpcConnection): void {
    this.#connections.delete(connection);
    this.#naming.leave(connection);
    this.#configs.leave(connection);
    connection.published.withdrawAll();
  }
}
