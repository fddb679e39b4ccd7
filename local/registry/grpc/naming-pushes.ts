// Tells the subscribers of a service its instances when they change.

import type { ListReplies } from "../list-reply.ts";
import { type Service, type ServiceId, type ServiceTable, serviceKey } from "../service-table.ts";
import type { GrpcConnection } from "./connection.ts";
import type { PushMessages } from "./messages.ts";
import type { Push } from "./pushes.ts";
import { Watchers } from "./watchers.ts";

interface Subscription {
  readonly id: ServiceId;
  readonly clusters: string;
}

interface Built {
  readonly changedAt: number;
  readonly byClusters: Map<string, Push>;
}

/** Most forms of one service's list that are kept, as in `ListReplies`: each client may name clusters as it likes. */
const MAX_VARIANTS = 16;

export class NamingPushes {
  readonly #table: ServiceTable;
  readonly #replies: ListReplies;
  readonly #messages: PushMessages;
  readonly #subscribers = new Watchers<GrpcConnection, Subscription>();
  /** The same message goes to all subscribers of a service. */
  readonly #built = new WeakMap<Service, Built>();

  constructor(table: ServiceTable, replies: ListReplies, messages: PushMessages) {
    this.#table = table;
    this.#replies = replies;
    this.#messages = messages;
  }

  /**
   * As in Nacos, a connection has one subscription to a service: a second replaces the clusters. A new one is sent the present
   * instances: a client that subscribes again after an outage does not read them from the response.
   */
  subscribe(id: ServiceId, connection: GrpcConnection, clusters: string): void {
    const subscription = { id, clusters };
    const isNew = this.#subscribers.watch(serviceKey(id), connection, subscription);
    if (isNew) this.#push(connection, subscription);
  }

  unsubscribe(id: ServiceId, connection: GrpcConnection): void {
    this.#subscribers.unwatch(serviceKey(id), connection);
  }

  /** Ends all subscriptions of the connection. */
  leave(connection: GrpcConnection): void {
    this.#subscribers.leave(connection);
  }

  changed(service: Service): void {
    for (const [connection, subscription] of this.#subscribers.of(serviceKey(service.id)))
      this.#push(connection, subscription);
  }

  #push({ pushes }: GrpcConnection, { id, clusters }: Subscription): void {
    pushes.push(`naming ${serviceKey(id)}`, () => this.#message(id, clusters));
  }

  #message(id: ServiceId, clusters: string): Push {
    const service = this.#table.find(id);
    if (service === undefined) return this.#newMessage(id, service, clusters);
    let built = this.#built.get(service);
    if (built?.changedAt !== service.changedAt) {
      built = { changedAt: service.changedAt, byClusters: new Map() };
      this.#built.set(service, built);
    }
    const known = built.byClusters.get(clusters);
    if (known !== undefined) return known;
    if (built.byClusters.size >= MAX_VARIANTS) built.byClusters.clear();
    const message = this.#newMessage(id, service, clusters);
    built.byClusters.set(clusters, message);
    return message;
  }

  #newMessage(id: ServiceId, service: Service | undefined, clusters: string): Push {
    const info = this.#replies.grpc(id, service, { clusters, healthyOnly: false });
    return this.#messages.push("NotifySubscriberRequest", "naming", `"serviceInfo":${info}`);
  }
}
