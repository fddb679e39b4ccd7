// Nacos' v1 API, for servers up to 3.1 and the embedded registry. Writes go through the `nacos` package.

import type { NacosAddress } from "../../nacos/address.ts";
import {
  loadNacos,
  type NacosLogger,
  type NacosNamingClient,
  onPackageError,
  stopPackageHeartbeats,
  stopPackagePushes,
} from "../../nacos/package.ts";
import type { PushReceiver } from "../../nacos/push-receiver.ts";
import type { Log } from "../../observability/log.ts";
import { announcedMetadata, type Feed, type NacosNaming, type NacosNamingOptions } from "./nacos-naming.ts";
import type { Instance, Registration } from "./registry.ts";

/** Nacos' v1 naming API. The package is loaded by the first write; a process that only lists and watches never loads it. */
export class NacosV1 implements NacosNaming {
  readonly #options: NacosNamingOptions;
  readonly #log: Log;
  #client: Promise<NacosNamingClient> | undefined;
  #opening: Promise<PushReceiver> | undefined;
  #pushes: PushReceiver | undefined;
  #closed = false;

  constructor(options: NacosNamingOptions, log: Log) {
    this.#options = options;
    this.#log = log;
  }

  async register(registration: Registration): Promise<void> {
    const client = await this.#open();
    const instance = {
      ip: registration.host,
      port: registration.port,
      weight: String(registration.weight),
      clusterName: this.#options.cluster,
      metadata: announcedMetadata(registration),
    };
    await this.#explained(client.registerInstance(registration.service, instance, this.#options.group));
  }

  async deregister({ service, host: ip, port }: Registration): Promise<void> {
    const client = await this.#open();
    const instance = { ip, port, clusterName: this.#options.cluster };
    await this.#explained(client.deregisterInstance(service, instance, this.#options.group));
  }

  /** A full heartbeat carries the whole instance, so the server can register it again. The package's own heartbeats start too late and pause after errors. */
  async beat(registration: Registration): Promise<void> {
    const { transport, namespace, group, cluster } = this.#options;
    const serviceName = `${group}@@${registration.service}`;
    const beat = {
      serviceName,
      ip: registration.host,
      port: registration.port,
      cluster,
      weight: registration.weight,
      metadata: announcedMetadata(registration),
      scheduled: false,
    };
    await transport.call("PUT", "/nacos/v1/ns/instance/beat", {
      serviceName,
      namespaceId: namespace,
      beat: JSON.stringify(beat),
    });
  }

  /**
   * Not through the package: it replaces an empty list by the one before it, mixes up lists of all clusters and of one, and
   * concurrent calls for an empty service hang. A list request with a UDP port also subscribes to pushes and renews that.
   */
  async list(service: string): Promise<readonly Instance[]> {
    const { transport, namespace, group, cluster } = this.#options;
    const { data } = await transport.call("GET", "/nacos/v1/ns/instance/list", {
      serviceName: `${group}@@${service}`,
      namespaceId: namespace,
      clusters: cluster,
      healthyOnly: false,
      ...(this.#pushes && { udpPort: this.#pushes.port, clientIP: this.#pushes.address }),
    });
    const { instancesOfV1 } = await import("./nacos-hosts.ts");
    return instancesOfV1(service, data);
  }

  /** Pushes come as datagrams. Not used with TLS, since the server would send the list unencrypted. */
  async subscribe(service: string, onChange: () => void): Promise<Feed> {
    const { transport, group } = this.#options;
    if (transport.secure || this.#closed) return "nothing";
    this.#opening ??= openReceiver(transport.address);
    this.#pushes = await this.#opening;
    this.#pushes.onChange(`${group}@@${service}`, onChange);
    return "hints";
  }

  async close(): Promise<void> {
    this.#closed = true;
    const [client, pushes] = await Promise.all([
      this.#client?.catch(() => undefined),
      this.#opening?.catch(() => undefined),
    ]);
    pushes?.close();
    this.#pushes = undefined;
    await client?.close();
  }

  #open(): Promise<NacosNamingClient> {
    this.#client ??= this.#create().catch((cause: unknown) => {
      this.#client = undefined;
      throw cause;
    });
    return this.#client;
  }

  async #create(): Promise<NacosNamingClient> {
    const { transport, namespace } = this.#options;
    const { NacosNamingClient } = await loadNacos();
    const client = new NacosNamingClient({
      logger: packageLogger(this.#log),
      serverList: transport.authority,
      namespace,
      httpclient: { request: (...sent) => this.#whileOpen(() => transport.request(...sent)) },
    });
    if (!stopPackageHeartbeats(client)) {
      this.#log.warn("this version of `nacos` sends heartbeats of its own; they cannot be stopped");
    }
    if (!stopPackagePushes(client)) {
      this.#log.warn("this version of `nacos` listens for datagrams on every address; it cannot be stopped");
    }
    onPackageError(client, (cause) => this.#log.debug({ err: cause }, "nacos"));
    await client.ready();
    return client;
  }

  /** After `close()` the package would continue when a reply or an error arrives, and start its timers again. */
  async #whileOpen<T>(exchange: () => Promise<T>): Promise<T> {
    const never = new Promise<never>(() => {});
    if (this.#closed) return never;
    try {
      const reply = await exchange();
      return this.#closed ? await never : reply;
    } catch (cause) {
      if (this.#closed) return never;
      throw cause;
    }
  }

  /** The original error: the package replaces each one by its own, which names no cause. */
  async #explained(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (cause) {
      throw this.#options.transport.explain(cause);
    }
  }
}

async function openReceiver(server: NacosAddress): Promise<PushReceiver> {
  const { PushReceiver } = await import("../../nacos/push-receiver.ts");
  return PushReceiver.open(server);
}

/** A logger for the package at debug level: its failures are thrown or retried here in any case. */
function packageLogger(log: Log): NacosLogger {
  // Here, since every process has this module: an ES import of `node:util` reads all its exports, 6 ms of CPU for what few use.
  const { format } = process.getBuiltinModule("node:util");
  const write = (message: unknown, ...values: unknown[]) => log.debug(format(message, ...values));
  return { debug: () => {}, info: write, warn: write, error: write };
}
