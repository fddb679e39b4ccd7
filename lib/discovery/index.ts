// Discovery: which registry there is, and how to call a peer found in it.

import { type Answered, createCaller, type SendAttempt } from "./caller.ts";
import { createRegistry } from "./create-registry.ts";
import { type Description, describeService } from "./describe.ts";
import { Endpoint } from "./endpoint.ts";
import type { Log } from "./log.ts";
import type { CallPeer, PeerRequest } from "./peer.ts";
import { PeerHttp } from "./peer-http.ts";
import { defaultPolicy, type PolicySource } from "./policy.ts";
import type { Instance } from "./registry.ts";
import { Resolver } from "./resolver.ts";
import type { DiscoverySettings } from "./settings.ts";

export { createRegistry } from "./create-registry.ts";

export interface Discovery {
  /** Calls a service by its name. */
  readonly call: CallPeer;
  /** A caller that sends its attempts by `http` and shares all that is known of instances: for a gateway, which streams. */
  callBy<Body, Reply extends Answered>(
    http: SendAttempt<Body, Reply>,
  ): (service: string, request: PeerRequest<Body>) => Promise<Reply>;
  /** What is known of a service; asks the registry if nothing is. */
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
}

/** Builds discovery from `settings`. Opens and loads nothing before it is used. */
export function createDiscovery(
  settings: DiscoverySettings,
  log: Log,
  { policy = defaultPolicy, frozen = false }: DiscoveryOptions = {},
): Discovery {
  const registry = createRegistry(settings, log);
  const http = new PeerHttp();
  const monotonic = () => performance.now();
  const resolver = new Resolver({
    registry,
    isAlive: (instance) => answersAsItself(http, instance),
    frozen,
    policy,
    log,
    clock: monotonic,
    random: Math.random,
  });
  const ports = { resolver, policy, clock: Date.now, monotonic, random: Math.random };
  return {
    call: createCaller({ ...ports, http }),
    callBy: (by) => createCaller({ ...ports, http: by }),
    async describe(service) {
      if (resolver.current(service) === undefined) await resolver.refresh(service);
      return describeService(service, resolver.peek(service), monotonic(), Math.random);
    },
    status: () => (registry.reachable() ? "ok" : "degraded"),
    async close() {
      resolver.close();
      await Promise.all([registry.close(), http.close()]);
    },
  };
}

const ALIVE_WITHIN_MS = 500;

/** A draining instance answers 503 and another listener 421: neither should get more calls. */
async function answersAsItself(http: PeerHttp, instance: Instance): Promise<boolean> {
  const { origin, basePath, instanceId } = new Endpoint(instance);
  const headers: Record<string, string> = { "cfmp-target-service": instance.service };
  if (instanceId !== undefined) headers["cfmp-target-instance"] = instanceId;
  const path = `${basePath}/health/`;
  const attempt = { origin, path, method: "GET", headers, body: undefined, signal: undefined } as const;
  const { status } = await http.send({ ...attempt, timeout: ALIVE_WITHIN_MS });
  return status < 400;
}
