// Tells the subscribers of a service its instances when they change.

import type { ListReplies } from "../list-reply.ts";
import { ServiceForms } from "../service-forms.ts";
import { type Service, type ServiceId, type ServiceTable, serviceKey } from "../service-table.ts";
import type { GrpcConnection } from "./connection.ts";
import type { PushMessages } from "./messages.ts";
import type { Push } from "./pushes.ts";
import { Watchers } from "./watchers.ts";

interface Subscription {
  readonly id: ServiceId;
  readonly clusters: string;
}

export class NamingPushes {
  readonly #table: ServiceTable;
  readonly #replies: ListReplies;
  readonly #messages: PushMessages;
  readonly #subscribers = new Watchers<GrpcConnection, Subscription>();
  /** The same message goes to all subscribers of a service. */
  readonly #kept = new ServiceForms<Push>();

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

  /** Every subscription of every connection. */
  subscriptions(): { readonly id: ServiceId; readonly client: GrpcConnection }[] {
    return this.#subscribers.all().map(([client, { id }]) => ({ id, client }));
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
    const make = () => this.#newMessage(id, service, clusters);
    return service === undefined ? make() : this.#kept.get(service, clusters, make);
  }

  #newMessage(id: ServiceId, service: Service | undefined, clusters: string): Push {
    const info = this.#replies.grpc(id, service, { clusters, healthyOnly: false });
    return this.#messages.push("NotifySubscriberRequest", "naming", `"serviceInfo":${info}`);
  }
}
