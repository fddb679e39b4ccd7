// Discovery: which registry there is, and how to call a peer found in it.

import { waitAtMost } from "../core/wait-at-most.ts";
import type { Log } from "../observability/log.ts";
import type { ReplyHead, SendAttempt } from "./call/call.ts";
import { createCaller } from "./call/caller.ts";
import { type Description, describeService } from "./describe.ts";
import { createProbe } from "./instances/probe.ts";
import { Recovery } from "./instances/recovery.ts";
import type { CallPeer, PeerRequest } from "./peer/peer.ts";
import { PeerHttp } from "./peer/peer-http.ts";
import { createRegistry } from "./registry/create-registry.ts";
import { Resolver } from "./resolver/resolver.ts";
import { FileSnapshots, snapshotFolder } from "./resolver/snapshots.ts";
import { defaultPolicy, type PolicySource } from "./settings/policy.ts";
import type { DiscoverySettings, UrlOf } from "./settings/settings.ts";

/** @public */
export type { Description } from "./describe.ts";
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
  /** A caller that sends its attempts by `http` and shares all that is known of instances: for a gateway, which streams. */
  callBy<Body, Reply extends ReplyHead>(
    http: SendAttempt<Body, Reply>,
  ): (service: string, request: PeerRequest<Body>) => Promise<Reply>;
  /** What is known of a service; asks the registry if nothing is, but waits for it no longer than a call. */
  describe(service: string): Promise<Description>;
  /** `degraded` while the registry does not answer: calls go on with what is known. */
  status(): "ok" | "degraded";
  close(): Promise<void>;
}

export interface DiscoveryOptions {
  /** The policy of the moment; by default `DEFAULT_POLICY` for good. */
  readonly policy?: PolicySource;
  /** True where the process sleeps between requests (AWS Lambda). */
  readonly frozen?: boolean;
  /** Services at fixed addresses; by default none. */
  readonly urlOf?: UrlOf;
}

/** Builds discovery from `settings`. Opens and loads nothing before it is used. */
export function createDiscovery(
  settings: DiscoverySettings,
  log: Log,
  { policy = defaultPolicy, ...options }: DiscoveryOptions = {},
): Discovery {
  const { frozen = false } = options;
  const { DATA_DIR, NACOS_SERVER, NACOS_NAMESPACE, NACOS_GROUP, NACOS_CLUSTER } = settings;
  const registry = createRegistry(settings, log, options);
  const http = new PeerHttp();
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
      return finding === "silent" ? undefined : finding === "alive";
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
  // A probe behind the calls would be frozen with the process.
  const recovery = frozen ? undefined : new Recovery({ probe, onMisdirected, monotonic });
  const ports = { resolver, recovery, policy, clock: Date.now, monotonic, random: Math.random };
  return {
    call: createCaller({ ...ports, http }),
    callBy: (by) => createCaller({ ...ports, http: by }),
    async describe(service) {
      if (resolver.current(service) === undefined) {
        await waitAtMost(policy().registryWaitMs, resolver.refresh(service));
      }
      return describeService(service, resolver.peek(service), monotonic(), Math.random);
    },
    status: () => (registry.reachable() ? "ok" : "degraded"),
    async close() {
      resolver.close();
      await Promise.all([registry.close(), http.close(), snapshots?.close()]);
    },
  };
}
