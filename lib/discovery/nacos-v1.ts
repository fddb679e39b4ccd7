// The registry port over the `nacos` package: Nacos' v1 API, for servers up to 3.1 and the embedded registry.

import { format } from "node:util";
import { checkAdvertised } from "./advertise.ts";
import type { Log } from "./log.ts";
import { type HostList, parseHostList, toInstances } from "./nacos-hosts.ts";
import {
  loadNacos,
  type NacosHttpClient,
  type NacosLogger,
  type NacosNamingClient,
  onPackageError,
  stopPackageHeartbeats,
} from "./nacos-package.ts";
import { NacosTransport } from "./nacos-transport.ts";
import { WatchedService } from "./nacos-watch.ts";
import type { Instance, Registration, Registry, Unwatch } from "./registry.ts";
import { HEARTBEAT, Renewal } from "./renewal.ts";

export interface NacosOptions {
  /** `host:port`; without a port, 8848. */
  readonly server: string;
  readonly namespace: string;
  readonly group: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly log: Log;
}

/** The package mixes up lists of "all clusters" and of one, so every call names this one. */
const CLUSTER = "DEFAULT";
const POLL_MS = 1_000;

/**
 * A registry client. Nothing is loaded or sent before the first call. What is registered beats every second: unhealthy
 * 3 s after the last beat, removed after 6 s. A watch hears pushes and polls every second besides, since the package
 * drops the push that removes a service's last instance.
 */
export class NacosV1Registry implements Registry {
  readonly #options: NacosOptions;
  readonly #server: string;
  readonly #transport: NacosTransport;
  readonly #renewal: Renewal;
  readonly #lists = new Map<string, HostList>();
  readonly #watched = new Map<string, WatchedService>();
  readonly #writes = new Map<string, Promise<void>>();
  #client: Promise<NacosNamingClient> | undefined;
  #closed = false;

  constructor(options: NacosOptions) {
    this.#options = options;
    this.#server = /:\d+$/.test(options.server) ? options.server : `${options.server}:8848`;
    this.#transport = new NacosTransport({ ...options, server: this.#server });
    this.#renewal = new Renewal({
      clock: () => performance.now(),
      beat: (registration) => this.#beat(registration),
    });
  }

  register(registration: Registration): Promise<void> {
    return this.#inTurn(registration, async () => {
      checkAdvertised(registration.host, this.#server);
      if (sameAnnouncement(this.#renewal.get(registration), registration)) return;
      const client = await this.#open();
      const instance = {
        ip: registration.host,
        port: registration.port,
        weight: String(registration.weight),
        metadata: announcedMetadata(registration),
      };
      await this.#explained(client.registerInstance(registration.service, instance, this.#options.group));
      if (this.#closed) await this.#deregister(registration);
      else this.#renewal.add(registration);
    });
  }

  deregister(registration: Registration): Promise<void> {
    return this.#inTurn(registration, () => this.#deregister(registration));
  }

  async list(service: string): Promise<readonly Instance[]> {
    const client = await this.#open();
    // The package answers an empty list with the one before it; the reply itself was seen on its way through.
    await this.#explained(client.getAllInstances(service, this.#options.group, CLUSTER, false));
    return this.#lists.get(this.#grouped(service))?.instances ?? [];
  }

  watch(service: string, onChange: (instances: readonly Instance[]) => void): Unwatch {
    const name = this.#grouped(service);
    const watched = this.#watched.get(name) ?? this.#startWatching(service, name);
    watched.add(onChange);
    return () => watched.remove(onChange);
  }

  reachable(): boolean {
    return this.#transport.reachable();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#watched.clear();
    await Promise.all(this.#writes.values());
    await Promise.allSettled(this.#renewal.all().map((registration) => this.deregister(registration)));
    const client = await this.#client?.catch(() => undefined);
    await client?.close();
    await this.#transport.close();
  }

  async #deregister(registration: Registration): Promise<void> {
    await this.#renewal.remove(registration);
    const client = await this.#open();
    const instance = { ip: registration.host, port: registration.port };
    await this.#explained(client.deregisterInstance(registration.service, instance, this.#options.group));
  }

  /** A full beat: it brings the instance back when the registry was restarted and knows nothing of it. */
  async #beat(registration: Registration): Promise<void> {
    const serviceName = this.#grouped(registration.service);
    const beat = {
      serviceName,
      ip: registration.host,
      port: registration.port,
      cluster: CLUSTER,
      weight: registration.weight,
      metadata: announcedMetadata(registration),
      scheduled: false,
    };
    await this.#transport.call("PUT", "/nacos/v1/ns/instance/beat", {
      serviceName,
      namespaceId: this.#options.namespace,
      beat: JSON.stringify(beat),
    });
  }

  #startWatching(service: string, name: string): WatchedService {
    const watched = new WatchedService();
    this.#watched.set(name, watched);
    this.#subscribe(service, name, watched).catch((cause: unknown) => {
      this.#options.log.warn({ err: cause, service }, "can't subscribe at the registry; polling it instead");
    });
    this.#poll(service, name, watched);
    return watched;
  }

  async #subscribe(service: string, name: string, watched: WatchedService): Promise<void> {
    const client = await this.#open();
    const info = { serviceName: service, groupName: this.#options.group, clusters: CLUSTER };
    client.subscribe(info, (hosts, pushed) => {
      // Without `pushed` it is what the package remembers, and that may be long gone.
      if (pushed === undefined) return;
      const now = Date.now();
      const list = { name, instances: toInstances(name, [...hosts]), lastRefTime: pushed.lastRefTime };
      watched.accept(list, now, now);
    });
  }

  #poll(service: string, name: string, watched: WatchedService): void {
    const pause = POLL_MS * (0.9 + 0.2 * Math.random());
    setTimeout(async () => {
      if (this.#watched.get(name) !== watched) return;
      if (watched.watched) await this.list(service).catch(() => {});
      this.#poll(service, name, watched);
    }, pause).unref();
  }

  #open(): Promise<NacosNamingClient> {
    this.#client ??= this.#create().catch((cause: unknown) => {
      this.#client = undefined;
      throw cause;
    });
    return this.#client;
  }

  async #create(): Promise<NacosNamingClient> {
    const { log, namespace } = this.#options;
    const { NacosNamingClient } = await loadNacos();
    const httpclient: NacosHttpClient = { request: (url, options) => this.#request(url, options) };
    const client = new NacosNamingClient({
      logger: packageLogger(log),
      serverList: this.#server,
      namespace,
      httpclient,
    });
    if (!stopPackageHeartbeats(client))
      log.warn("this version of `nacos` beats by itself, besides our own beats");
    onPackageError(client, (cause) => log.debug({ err: cause }, "nacos"));
    await client.ready();
    return client;
  }

  async #request(url: string, options: Parameters<NacosHttpClient["request"]>[1]) {
    const askedAt = Date.now();
    const reply = await this.#transport.request(url, options);
    if (options.method === "GET" && url.endsWith("/instance/list")) this.#observe(reply.data, askedAt);
    return reply;
  }

  #observe(text: string, askedAt: number): void {
    const list = parseHostList(text);
    this.#lists.set(list.name, list);
    this.#watched.get(list.name)?.accept(list, askedAt, Date.now());
  }

  async #explained(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (cause) {
      throw this.#transport.explain(cause);
    }
  }

  /** Registering and deregistering one instance happen in the order they were asked for. */
  #inTurn(registration: Registration, work: () => Promise<void>): Promise<void> {
    const key = `${registration.service} ${registration.host} ${registration.port}`;
    const done = (this.#writes.get(key) ?? Promise.resolve()).then(work);
    const settled = done.catch(() => {});
    this.#writes.set(key, settled);
    void settled.then(() => {
      if (this.#writes.get(key) === settled) this.#writes.delete(key);
    });
    return done;
  }

  #grouped(service: string): string {
    return `${this.#options.group}@@${service}`;
  }
}

const announcedMetadata = ({ metadata }: Registration): Record<string, string> => ({
  ...metadata,
  "preserved.heart.beat.interval": String(HEARTBEAT.interval),
  "preserved.heart.beat.timeout": String(HEARTBEAT.timeout),
  "preserved.ip.delete.timeout": String(HEARTBEAT.deleteAfter),
});

const sameAnnouncement = (one: Registration | undefined, other: Registration): boolean =>
  one !== undefined &&
  one.weight === other.weight &&
  JSON.stringify(one.metadata) === JSON.stringify(other.metadata);

/** What fails is thrown or retried by us; the package's own words are for debugging. */
function packageLogger(log: Log): NacosLogger {
  const write = (message: unknown, ...values: unknown[]) => log.debug(format(message, ...values));
  return { debug: () => {}, info: write, warn: write, error: write };
}
