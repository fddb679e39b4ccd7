// Discovery for this process: which registry there is, and how to call a peer found in it.

import { type Config, loadConfig } from "../config/env.ts";
import { onLambda } from "../config/on-lambda.ts";
import { serviceLog } from "../observability/log.ts";
import { createCaller } from "./caller.ts";
import { createRegistry } from "./create-registry.ts";
import { type Description, describeService } from "./describe.ts";
import { Endpoint } from "./endpoint.ts";
import type { Log } from "./log.ts";
import type { CallPeer } from "./peer.ts";
import { PeerHttp } from "./peer-http.ts";
import type { Instance } from "./registry.ts";
import { Resolver } from "./resolver.ts";

export { createRegistry } from "./create-registry.ts";

export interface Discovery {
  /** Calls a service by its name. */
  readonly call: CallPeer;
  /** What is known of a service; asks the registry if nothing is. */
  describe(service: string): Promise<Description>;
  /** `degraded` while the registry does not answer: calls go on with what is known. */
  status(): "ok" | "degraded";
  close(): Promise<void>;
}

/** Builds discovery from `config`. Opens and loads nothing before it is used. */
export function createDiscovery(config: Config, log: Log): Discovery {
  const registry = createRegistry(config, log);
  const http = new PeerHttp();
  const monotonic = () => performance.now();
  const resolver = new Resolver({
    registry,
    isAlive: (instance) => answersAsItself(http, instance),
    frozen: onLambda(),
    log,
    clock: monotonic,
    random: Math.random,
  });
  return {
    call: createCaller({ resolver, http, clock: Date.now, monotonic, random: Math.random }),
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

let shared: Discovery | undefined;

/** The process's one discovery, made at the first call from the environment. */
export function discovery(): Discovery {
  shared ??= createDiscovery(loadConfig(), serviceLog("discovery"));
  return shared;
}

const ALIVE_WITHIN_MS = 500;

/** A draining instance answers 503 and another listener 421: neither should get more calls. */
async function answersAsItself(http: PeerHttp, instance: Instance): Promise<boolean> {
  const { origin, basePath, instanceId } = new Endpoint(instance, Math.random);
  const headers: Record<string, string> = { "cfmp-target-service": instance.service };
  if (instanceId !== undefined) headers["cfmp-target-instance"] = instanceId;
  const path = `${basePath}/health/`;
  const attempt = { origin, path, method: "GET", headers, body: undefined, signal: undefined } as const;
  const { status } = await http.send({ ...attempt, timeout: ALIVE_WITHIN_MS });
  return status < 400;
}
