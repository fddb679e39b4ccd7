// Nacos' gRPC API, for servers from 2.0 on: a connection on which the server pushes, and whose end ends what was registered by it.

import type { GrpcClient } from "../../nacos/grpc-client.ts";
import type { Fields } from "../../nacos/grpc-response.ts";
import { announcedMetadata, type Feed, type NacosNaming, type NacosScope } from "./nacos-naming.ts";
import type { Instance, Registration } from "./registry.ts";

type Hosts = typeof import("./nacos-hosts.ts");
type OnChange = (instances?: readonly Instance[]) => void;

/** What is to be registered of one service: Nacos keeps one instance, or one batch, for a service and connection. */
interface Publication {
  readonly service: string;
  readonly wanted: Map<string, Registration>;
  /** Named when none is wanted any more: Nacos wants an address then, too. */
  last: Registration;
  /** Counts changes of `wanted`. */
  version: number;
  /** What the server has: the version, and the connection by which it was sent. */
  sent: { readonly version: number; readonly connection: number } | undefined;
  /** Ends when the last request about it is answered: they must not overtake each other. */
  writing: Promise<void>;
}

interface Subscription {
  onChange: OnChange;
  /** The connection on which the server knows it. */
  connection: number | undefined;
  /** When the server made the newest list that it has sent over that connection. */
  madeAt: number;
}

export class NacosGrpc implements NacosNaming {
  readonly #scope: NacosScope;
  readonly #client: GrpcClient;
  readonly #published = new Map<string, Publication>();
  readonly #subscriptions = new Map<string, Subscription>();
  #hosts: Hosts | undefined;

  constructor(scope: NacosScope, client: GrpcClient) {
    this.#scope = scope;
    this.#client = client;
    client.receive("NotifySubscriberRequest", (fields) => this.#pushed(fields));
    client.onReady(() => this.#restore());
  }

  async register(registration: Registration): Promise<void> {
    const key = addressOf(registration);
    const publication = this.#publicationOf(registration);
    const before = publication.wanted.get(key);
    publication.wanted.set(key, registration);
    publication.version += 1;
    try {
      await this.#write(publication);
    } catch (cause) {
      if (publication.wanted.get(key) !== registration) throw cause;
      // It may have had an effect: as another version it is sent again as soon as the server can be reached.
      if (before === undefined) publication.wanted.delete(key);
      else publication.wanted.set(key, before);
      publication.version += 1;
      throw cause;
    }
  }

  async deregister(registration: Registration): Promise<void> {
    const publication = this.#published.get(registration.service);
    const known = publication?.wanted.get(addressOf(registration));
    if (publication === undefined) return;
    if (known !== undefined) {
      publication.wanted.delete(addressOf(registration));
      publication.last = known;
      publication.version += 1;
    }
    await this.#write(publication);
  }

  /** The connection is the heartbeat: nothing is sent while it lasts and the server has what is wanted. */
  async beat(registration: Registration): Promise<void> {
    const publication = this.#published.get(registration.service);
    if (publication?.wanted.has(addressOf(registration))) await this.#write(publication);
    else await this.register(registration);
  }

  async list(service: string): Promise<readonly Instance[]> {
    const { cluster } = this.#scope;
    const connection = await this.#client.connected();
    const query = { ...this.#named(service), cluster, healthyOnly: false, udpPort: 0 };
    const { serviceInfo } = await this.#client.request("ServiceQueryRequest", query);
    const { listOfGrpc } = await this.#loadHosts();
    const { instances, madeAt } = listOfGrpc(serviceInfo, cluster);
    const subscription = this.#subscriptions.get(service);
    if (subscription?.connection === connection) subscription.madeAt = Math.max(subscription.madeAt, madeAt);
    return instances;
  }

  async subscribe(service: string, onChange: OnChange): Promise<Feed> {
    const known = this.#subscriptions.get(service);
    const subscription = known ?? { onChange, connection: undefined, madeAt: 0 };
    subscription.onChange = onChange;
    this.#subscriptions.set(service, subscription);
    // Pushes are read in the turn in which they arrive, so that they stay in order.
    await this.#loadHosts();
    await this.#subscribe(service, subscription);
    return "lists";
  }

  unsubscribe(service: string): void {
    if (this.#subscriptions.delete(service)) this.#sendUnsubscribe(service);
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  #publicationOf(registration: Registration): Publication {
    const { service } = registration;
    const open = this.#published.get(service);
    if (open !== undefined) return open;
    const none = { wanted: new Map(), version: 0, sent: undefined, writing: Promise.resolve() };
    const publication: Publication = { service, last: registration, ...none };
    this.#published.set(service, publication);
    return publication;
  }

  /** Sends what is wanted of a service, unless the server has it. @throws like `NacosNaming.register` */
  #write(publication: Publication): Promise<void> {
    const done = publication.writing.then(() => this.#send(publication));
    publication.writing = done.catch(() => {});
    return done;
  }

  async #send(publication: Publication): Promise<void> {
    const connection = await this.#client.connected();
    const { sent, version, wanted } = publication;
    if (sent?.connection === connection && sent.version === version) return;
    const instances = [...wanted.values()].map((registration) => this.#instance(registration));
    await this.#publish(publication, instances);
    publication.sent = { version, connection };
    if (wanted.size === 0 && publication.version === version) this.#published.delete(publication.service);
  }

  async #publish({ service, last }: Publication, instances: readonly object[]): Promise<void> {
    const named = this.#named(service);
    const [instance] = instances;
    if (instances.length > 1) {
      const batch = { ...named, type: "batchRegisterInstance", instances };
      await this.#client.request("BatchInstanceRequest", batch);
      return;
    }
    const type = instance === undefined ? "deregisterInstance" : "registerInstance";
    const request = { ...named, type, instance: instance ?? this.#instance(last) };
    await this.#client.request("InstanceRequest", request);
  }

  async #subscribe(service: string, subscription: Subscription): Promise<void> {
    const connection = await this.#client.connected();
    if (subscription.connection === connection) return;
    subscription.madeAt = 0;
    await this.#client.request("SubscribeServiceRequest", this.#subscribing(service, true));
    subscription.connection = connection;
    if (!this.#subscriptions.has(service)) this.#sendUnsubscribe(service);
  }

  #sendUnsubscribe(service: string): void {
    // Without an answer there is no connection, and with the next one it is not subscribed.
    this.#client.request("SubscribeServiceRequest", this.#subscribing(service, false)).catch(() => {});
  }

  /** Registers and subscribes everything that the server does not have. */
  async #restore(): Promise<void> {
    const writing = [...this.#published.values()].map((publication) => this.#write(publication));
    const subscribing = [...this.#subscriptions].map(([service, subscription]) =>
      this.#subscribe(service, subscription),
    );
    await Promise.allSettled([...writing, ...subscribing]);
  }

  /** The content is used: it came over the connection on which lists are read as well, from the same server. */
  #pushed({ serviceInfo }: Fields): void {
    const list = this.#listIn(serviceInfo);
    const subscription = list && this.#subscriptions.get(list.service);
    if (list === undefined || subscription === undefined || list.group !== this.#scope.group) return;
    // A server that works on several things at once may send an older list after a newer one; or its clock was set back.
    const isOlder = list.madeAt < subscription.madeAt;
    subscription.madeAt = list.madeAt;
    subscription.onChange(isOlder ? undefined : list.instances);
  }

  #listIn(serviceInfo: unknown): ReturnType<Hosts["listOfGrpc"]> | undefined {
    try {
      return this.#hosts?.listOfGrpc(serviceInfo, this.#scope.cluster);
    } catch {
      // Not a list: the next poll gets one.
      return undefined;
    }
  }

  async #loadHosts(): Promise<Hosts> {
    this.#hosts ??= await import("./nacos-hosts.ts");
    return this.#hosts;
  }

  #named(serviceName: string) {
    const { namespace, group: groupName } = this.#scope;
    return { namespace, groupName, serviceName, module: "naming" };
  }

  #subscribing(service: string, subscribe: boolean) {
    return { ...this.#named(service), subscribe, clusters: this.#scope.cluster };
  }

  #instance(registration: Registration) {
    const { service, host: ip, port, weight } = registration;
    return {
      ip,
      port,
      weight,
      healthy: true,
      enabled: true,
      ephemeral: true,
      clusterName: this.#scope.cluster,
      serviceName: service,
      metadata: announcedMetadata(registration),
    };
  }
}

const addressOf = ({ host, port }: Registration): string => `${host} ${port}`;
