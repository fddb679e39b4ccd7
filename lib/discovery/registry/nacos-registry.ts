// The registry port on a Nacos server, by the API that the server supports (v1, v3 or gRPC).

import { type ApiChoice, type ApiVersion, NacosApi } from "../../nacos/api.ts";
import { GrpcClient } from "../../nacos/grpc-client.ts";
import { NacosTransport } from "../../nacos/transport.ts";
import type { Log } from "../../observability/log.ts";
import { checkAdvertised } from "./advertise.ts";
import { NacosGrpc } from "./nacos-grpc.ts";
import type { NacosNaming, NacosScope } from "./nacos-naming.ts";
import { NacosV1 } from "./nacos-v1.ts";
import { NacosV3 } from "./nacos-v3.ts";
import { NacosWatches } from "./nacos-watches.ts";
import type { Instance, Registration, Registry, Unwatch } from "./registry.ts";
import { Renewal } from "./renewal.ts";

export interface NacosOptions extends NacosScope, ApiChoice {
  /** See {@link nacosAddress}. */
  readonly server: string;
  /** CA certificates in PEM for a server that is reached over TLS. */
  readonly ca?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** See `NacosTransportOptions`. */
  readonly answerWithinMs?: number | undefined;
  /** Whether heartbeats by v3 go over a {@link BeatLine}: only the embedded registry has one. False when left out. */
  readonly beatLine?: boolean;
  readonly log: Log;
}

/**
 * A registry client. Nothing is loaded or sent before the first call. Over HTTP it sends a heartbeat for each registration every
 * second; Nacos marks it unhealthy 3 s after the last one and removes it after 6 s. A watch polls every second, and at once when
 * the server hints at a change. By gRPC what is registered lasts as long as the connection, on which the server sends lists.
 */
export class NacosRegistry implements Registry {
  readonly #options: NacosOptions;
  readonly #transport: NacosTransport;
  readonly #api: NacosApi;
  #grpc: GrpcClient | undefined;
  #used: { readonly version: ApiVersion; readonly naming: NacosNaming } | undefined;
  #closing: Promise<unknown> = Promise.resolve();
  readonly #renewal: Renewal;
  readonly #watches: NacosWatches;
  readonly #writes = new Map<string, Promise<void>>();
  #closed = false;

  constructor(options: NacosOptions) {
    this.#options = options;
    this.#transport = new NacosTransport(options);
    const { choice, order, namespace, group, log } = options;
    const transport = this.#transport;
    const grpc = { connect: () => this.#grpcClient().connect() };
    this.#api = new NacosApi({ transport, grpc, choice, order, namespace, group });
    this.#renewal = new Renewal({
      clock: () => performance.now(),
      beat: (registration) => this.#by((naming) => naming.beat(registration)),
    });
    this.#watches = new NacosWatches({
      naming: () => this.#by(async (naming) => naming),
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
    if (this.#api.last === "grpc") return this.#grpcClient().reachable();
    return this.#transport.reachable();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#watches.close();
    await Promise.all(this.#writes.values());
    await Promise.allSettled(this.#renewal.all().map((registration) => this.deregister(registration)));
    await Promise.all([this.#closing, this.#used?.naming.close()]);
    this.#grpc?.close();
    await this.#transport.close();
  }

  async #deregister(registration: Registration): Promise<void> {
    await this.#renewal.remove(registration);
    await this.#by((naming) => naming.deregister(registration));
  }

  #by<T>(work: (naming: NacosNaming) => Promise<T>): Promise<T> {
    return this.#api.run((version) => work(this.#naming(version)));
  }

  /** The adapter for the API. The one that was used before is closed, because it would continue to send requests. */
  #naming(version: ApiVersion): NacosNaming {
    if (this.#used?.version === version) return this.#used.naming;
    this.#closing = Promise.allSettled([this.#closing, this.#used?.naming.close()]);
    this.#used = { version, naming: this.#newNaming(version) };
    return this.#used.naming;
  }

  #newNaming(version: ApiVersion): NacosNaming {
    const { namespace, group, cluster, beatLine, log } = this.#options;
    const options = { transport: this.#transport, namespace, group, cluster };
    if (version === "v1") return new NacosV1(options, log);
    return version === "v3" ? new NacosV3(options, beatLine) : new NacosGrpc(options, this.#grpcClient());
  }

  /** Another one when the adapter that used the last one was closed. */
  #grpcClient(): GrpcClient {
    const { namespace, log } = this.#options;
    if (this.#grpc?.isClosed !== false)
      this.#grpc = new GrpcClient({ transport: this.#transport, namespace, module: "naming", log });
    return this.#grpc;
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
