// Discovery: finds the instances of a service in a registry, and calls them. Start of reading: README.md in this folder.

import { waitAtMost } from "../core/wait-at-most.ts";
import type { Log } from "../observability/log.ts";
import type { ReplyHead, SendAttempt } from "./call/call.ts";
import { createCaller } from "./call/caller.ts";
import { type Description, describeService } from "./describe.ts";
import { BackgroundProbes } from "./instances/background-probes.ts";
import { createProbe } from "./instances/probe.ts";
import { InProcessFirst, type InProcessListeners } from "./peer/in-process.ts";
import { InvokedPeers } from "./peer/invoked-peers.ts";
import type { CallPeer, PeerReply, PeerRequest } from "./peer/peer.ts";
import { PeerHttp } from "./peer/peer-http.ts";
import { createRegistry } from "./registry/create-registry.ts";
import { prefetch } from "./resolver/prefetch.ts";
import { Resolver } from "./resolver/resolver.ts";
import { FileSnapshots, snapshotFolder } from "./resolver/snapshots.ts";
import { defaultPolicy, type PolicySource } from "./settings/policy.ts";
import type { DiscoverySettings, UrlOf } from "./settings/settings.ts";

/** @public */
export type { DescribedInstance, Description } from "./describe.ts";
/** @public */
export { type CallPeer, type PeerReply, type PeerRequest, PeerUnavailable } from "./peer/peer.ts";
export { createRegistry } from "./registry/create-registry.ts";
/** @public */
export type { Instance, Registration, Registry } from "./registry/registry.ts";
/** @public */
export { DEFAULT_POLICY, type DiscoveryPolicy, type PolicySource } from "./settings/policy.ts";
/** @public */
export type { DiscoverySettings } from "./settings/settings.ts";

export interface Discovery {
  /** Calls a service by its name. */
  readonly call: CallPeer;
  /** A caller that sends its attempts by `http` and shares what is known about instances. For a gateway, which streams bodies. */
  callBy<Body, Reply extends ReplyHead>(
    http: SendAttempt<Body, Reply>,
  ): (service: string, request: PeerRequest<Body>) => Promise<Reply>;
  /**
   * Calls one instance of a service at its address, and no other. Resolves with a reply of any status: 421 when another instance
   * is there now. @throws {AttemptFailed}
   */
  callInstance(
    service: string,
    instance: { readonly origin: string; readonly instance: string },
    request: Pick<PeerRequest, "method" | "path" | "headers" | "body">,
    timeoutMs: number,
  ): Promise<PeerReply>;
  /** Describes what is known about a service. Queries the registry when nothing is; waits for it no longer than a call does. */
  describe(service: string): Promise<Description>;
  /**
   * The same for whoever looks again and again without calling the service, such as a health check: a list that is in order is left to
   * the watch, and may rest. Its `age_ms` counts from its last change or call.
   */
  observe(service: string): Promise<Description>;
  /**
   * Fetches the lists of services before the first calls need them. Resolves when all are known, or after `timeoutMs`; never
   * rejects. A registry that does not answer is queried again.
   */
  prefetch(services: readonly string[], timeoutMs: number): Promise<void>;
  /** `degraded` while the registry does not answer: calls continue with the last known instances. */
  status(): "ok" | "degraded";
  close(): Promise<void>;
}

export interface DiscoveryOptions {
  /** Returns the current policy; by default always `DEFAULT_POLICY`. */
  readonly policy?: PolicySource;
  /** True where the process is frozen between requests (AWS Lambda). */
  readonly frozen?: boolean;
  /** The URLs of services with a fixed address; by default none has one. */
  readonly urlOf?: UrlOf;
  /** What the names of a service's functions begin with, where they are invoked instead of called by HTTP; by default none is. */
  readonly functionsOf?: ((service: string) => string | undefined) | undefined;
  /** Listeners of this process: `call` reaches them without HTTP when it chooses their instance. By default none. */
  readonly inProcess?: InProcessListeners | undefined;
}

/** Creates discovery from `settings`. Opens no connection and loads no package before the first use. */
export function createDiscovery(
  settings: DiscoverySettings,
  log: Log,
  { policy = defaultPolicy, ...options }: DiscoveryOptions = {},
): Discovery {
  const { frozen = false } = options;
  const { DATA_DIR, NACOS_SERVER, NACOS_NAMESPACE, NACOS_GROUP, NACOS_CLUSTER } = settings;
  const registry = createRegistry(settings, log, options);
  const http = new PeerHttp();
  const { functionsOf, inProcess } = options;
  const instances = inProcess === undefined ? http : new InProcessFirst(inProcess, http);
  const peers = functionsOf === undefined ? instances : new InvokedPeers({ functionsOf, http: instances });
  // Always by HTTP: a probe is to show that others reach the instance.
  const probe = createProbe(http);
  const monotonic = () => performance.now();
  const snapshots =
    frozen || NACOS_SERVER === undefined
      ? undefined
      : new FileSnapshots({
          folder: snapshotFolder(DATA_DIR, NACOS_SERVER, NACOS_NAMESPACE, NACOS_GROUP, NACOS_CLUSTER),
          log,
        });
  const resolver = new Resolver({
    registry,
    isAlive: async (instance) => {
      const finding = await probe.find(instance);
      return finding === "silent" ? undefined : finding === "healthy";
    },
    successor: probe.successor,
    snapshots,
    frozen,
    policy,
    log,
    clock: monotonic,
    random: Math.random,
  });
  const onMisdirected = (service: string) => void resolver.refresh(service);
  // A background probe would be frozen with the process.
  const probes = frozen ? undefined : new BackgroundProbes({ probe, onMisdirected, monotonic });
  const ports = { resolver, probes, policy, clock: Date.now, monotonic, random: Math.random };
  async function describe(service: string): Promise<Description> {
    if (resolver.current(service) === undefined) {
      await waitAtMost(policy().registryWaitMs, resolver.refresh(service));
    }
    return described(service);
  }
  const described = (service: string) =>
    describeService(service, resolver.peek(service), monotonic(), Math.random);
  return {
    call: createCaller({ ...ports, http: peers }),
    callBy: (by) => createCaller({ ...ports, http: by }),
    callInstance: (service, { origin, instance }, { method, path, headers, body }, timeout) =>
      instances.send({
        origin,
        path,
        method,
        headers: {
          ...headers,
          "cfmp-target-service": service,
          "cfmp-target-instance": instance,
          "cfmp-timeout": String(timeout),
        },
        body,
        timeout,
        signal: undefined,
      }),
    describe,
    observe: async (service) => (resolver.isKept(service) ? described(service) : describe(service)),
    prefetch: (services, timeoutMs) => prefetch(resolver, services, timeoutMs),
    status: () => (registry.reachable() ? "ok" : "degraded"),
    async close() {
      resolver.close();
      await Promise.all([registry.close(), http.close(), snapshots?.close()]);
    },
  };
}
