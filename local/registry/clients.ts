// The clients of the registry as operators see them: what each has registered, and what it subscribes. As in Nacos, a connection is
// one client; of those that send heartbeats, or take datagrams, each address is one.

import type { Announcement } from "./instance.ts";
import { type ServiceId, type ServiceTable, serviceKey } from "./service-table.ts";
import type { Subscribers, Subscription } from "./subscribers.ts";

/** A client that holds a connection. */
export interface ConnectedClient {
  readonly id: string;
  /** Its own address as it gives it, or else the address it connects from. */
  readonly ip: string;
  /** Its end of the connection. */
  readonly port: number;
  /** What it calls itself: `Nacos-Java-Client:v3.1.0`. */
  readonly version: string;
  readonly appName: string | undefined;
  /** Clock milliseconds at which it was set up. */
  readonly since: number;
}

/** Who is connected, and who of them subscribes which service. */
export interface ConnectedClients {
  clients(): readonly ConnectedClient[];
  subscriptions(): readonly { readonly id: ServiceId; readonly client: ConnectedClient }[];
}

/** An instance that a client has registered. */
export interface ClientPublication {
  readonly clientId: string;
  readonly id: ServiceId;
  readonly instance: Announcement;
  /** Clock milliseconds. */
  readonly updatedAt: number;
}

/** A service that a client subscribes. */
export interface ClientSubscription {
  readonly clientId: string;
  readonly id: ServiceId;
  readonly ip: string;
  /** To which datagrams are sent; 0 for a connection. */
  readonly port: number;
  readonly agent: string;
  readonly appName: string;
  /** `host:port`, or the host of a connection. */
  readonly address: string;
}

export class Clients {
  readonly #table: ServiceTable;
  readonly #subscribers: Subscribers;
  readonly #connected: ConnectedClients;

  constructor(table: ServiceTable, subscribers: Subscribers, connected: ConnectedClients) {
    this.#table = table;
    this.#subscribers = subscribers;
    this.#connected = connected;
  }

  /** The ids of all. */
  ids(): ReadonlySet<string> {
    return new Set([
      ...this.publications().map(({ clientId }) => clientId),
      ...this.subscriptions().map(({ clientId }) => clientId),
      ...this.connected().map(({ id }) => id),
    ]);
  }

  /** Those that hold a connection. */
  connected(): readonly ConnectedClient[] {
    return this.#connected.clients();
  }

  /** What all have registered, of one service or of all. */
  publications(of?: ServiceId): ClientPublication[] {
    const found = of && this.#table.find(of);
    const services = of === undefined ? this.#table.services() : found ? [found] : [];
    return services.flatMap(({ id, instances }) =>
      [...instances.values()].flatMap(({ registrations }) =>
        registrations.map(({ announced, owner, lastBeat }) => ({
          clientId: owner ?? `${announced.ip}:${announced.port}#${announced.ephemeral}`,
          id,
          instance: announced,
          updatedAt: lastBeat,
        })),
      ),
    );
  }

  /** What all subscribe, of one service or of all. */
  subscriptions(of?: ServiceId): ClientSubscription[] {
    const byDatagram = of === undefined ? this.#subscribers.all() : this.#subscribers.of(of);
    const key = of && serviceKey(of);
    const connected = this.#connected
      .subscriptions()
      .filter(({ id }) => key === undefined || serviceKey(id) === key);
    return [...byDatagram.map(ofDatagrams), ...connected.map(ofConnection)];
  }
}

const ofDatagrams = ({ id, address: ip, port, agent }: Subscription): ClientSubscription => ({
  clientId: `${ip}:${port}#true`,
  id,
  ip,
  port,
  agent: agent ?? "",
  appName: "",
  address: `${ip}:${port}`,
});

const ofConnection = ({
  id,
  client,
}: {
  readonly id: ServiceId;
  readonly client: ConnectedClient;
}): ClientSubscription => ({
  clientId: client.id,
  id,
  ip: client.ip,
  port: 0,
  agent: client.version,
  appName: client.appName ?? "unknown",
  address: client.ip,
});
