// The registry port on a Nacos server, by the API that the server supports (v1 or v3).

import { type ApiVersion, NacosApi } from "../../nacos/api.ts";
import { NacosTransport } from "../../nacos/transport.ts";
import type { Log } from "../../observability/log.ts";
import { checkAdvertised } from "./advertise.ts";
import type { NacosNaming, NacosScope } from "./nacos-naming.ts";
import { NacosV1 } from "./nacos-v1.ts";
import { NacosV3 } from "./nacos-v3.ts";
import { NacosWatches } from "./nacos-watches.ts";
import type { Instance, Registration, Registry, Unwatch } from "./registry.ts";
import { Renewal } from "./renewal.ts";

export interface NacosOptions extends NacosScope {
  /** See {@link nacosAddress}. */
  readonly server: string;
  /** CA certificates in PEM for a server that is reached over TLS. */
  readonly ca?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** See {@link NacosApi}. */
  readonly api: ApiVersion | "auto";
  readonly prefer?: ApiVersion | undefined;
  readonly log: Log;
}

/**
 * A registry client. Nothing is loaded or sent before the first call. Sends a heartbeat for each registration every second;
 * Nacos marks it unhealthy 3 s after the last one and removes it after 6 s. A watch polls every second, and at once when
 * the server hints at a change.
 */
export class NacosRegistry implements Registry {
  readonly #options: NacosOptions;
  readonly #transport: NacosTransport;
  readonly #api: NacosApi;
  readonly #namings = new Map<ApiVersion, NacosNaming>();
  readonly #renewal: Renewal;
  readonly #watches: NacosWatches;
  readonly #writes = new Map<string, Promise<void>>();
  #closed = false;

  constructor(options: NacosOptions) {
    this.#options = options;
    this.#transport = new NacosTransport(options);
    const { api: choice, prefer, namespace, group, log } = options;
    this.#api = new NacosApi({ transport: this.#transport, choice, prefer, namespace, group });
    this.#renewal = new Renewal({
      clock: () => performance.now(),
      beat: (registration) => this.#by((naming) => naming.beat(registration)),
    });
    this.#watches = new NacosWatches({
      naming: () => this.#current(),
      list: (service) => this.#by((naming) => naming.list(service)),
      log,
      random: Math.random,
    });
  }

  register(registration: Registration): Promise<void> {
    return this.#inTurn(registration, async () => {
      checkAdvertised(registration.host, this.#transport.server);
      if (sameAnnouncement(this.#renewal.get(registration), registration)) return;
      await this.#by((naming) => naming.register(registration));
      if (this.#closed) await this.#deregister(registration);
      else this.#renewal.add(registration);
    });
  }

  deregister(registration: Registration): Promise<void> {
    return this.#inTurn(registration, () => this.#deregister(registration));
  }

  list(service: string): Promise<readonly Instance[]> {
    return this.#watches.list(service);
  }

  watch(service: string, onChange: (instances: readonly Instance[]) => void): Unwatch {
    return this.#watches.watch(service, onChange);
  }

  reachable(): boolean {
    return this.#transport.reachable();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#watches.close();
    await Promise.all(this.#writes.values());
    await Promise.allSettled(this.#renewal.all().map((registration) => this.deregister(registration)));
    await Promise.all([...this.#namings.values()].map((naming) => naming.close()));
    await this.#transport.close();
  }

  async #deregister(registration: Registration): Promise<void> {
    await this.#renewal.remove(registration);
    await this.#by((naming) => naming.deregister(registration));
  }

  #by<T>(work: (naming: NacosNaming) => Promise<T>): Promise<T> {
    return this.#api.run((version) => work(this.#naming(version)));
  }

  /** The API in use. One that was used before is closed, because it would continue to send requests. */
  async #current(): Promise<NacosNaming> {
    const version = await this.#api.version();
    for (const [other, naming] of this.#namings) {
      if (other === version) continue;
      this.#namings.delete(other);
      await naming.close();
    }
    return this.#naming(version);
  }

  #naming(version: ApiVersion): NacosNaming {
    const open = this.#namings.get(version);
    if (open !== undefined) return open;
    const { namespace, group, cluster, log } = this.#options;
    const options = { transport: this.#transport, namespace, group, cluster };
    const naming = version === "v1" ? new NacosV1(options, log) : new NacosV3(options);
    this.#namings.set(version, naming);
    return naming;
  }

  /** Runs registrations and deregistrations of one instance one after the other, in the order of the calls. */
  #inTurn({ service, host, port }: Registration, work: () => Promise<void>): Promise<void> {
    const key = `${service} ${host} ${port}`;
    const done = (this.#writes.get(key) ?? Promise.resolve()).then(work);
    const settled = done.catch(() => {});
    this.#writes.set(key, settled);
    void settled.then(() => {
      if (this.#writes.get(key) === settled) this.#writes.delete(key);
    });
    return done;
  }
}

const sameAnnouncement = (one: Registration | undefined, other: Registration): boolean =>
  one !== undefined &&
  one.weight === other.weight &&
  JSON.stringify(one.metadata) === JSON.stringify(other.metadata);
