// One instance as its callers experience it: address, load, latency, ejection. Outlives the lists that name it.

import { Ejection } from "./ejection.ts";
import { Latency } from "./latency.ts";
import { defaultPolicy, type PolicySource } from "./policy.ts";
import type { Instance } from "./registry.ts";

export class Endpoint {
  readonly latency: Latency;
  readonly ejection: Ejection;
  readonly origin: string;
  /** Put before every path; empty for most. */
  readonly basePath: string;
  /** Its unique id when it has one, for the header by which a wrong listener notices that it is not meant. */
  readonly instanceId: string | undefined;
  /** Requests under way. */
  inFlight = 0;
  /** False until its first reply, which also paid for connecting and says little about the ones to come. */
  greeted = false;
  /** What the registry last said. */
  instance: Instance;
  /** True when the registry no longer lists it, but it still answers. */
  kept = false;

  constructor(instance: Instance, random: () => number = Math.random, policy: PolicySource = defaultPolicy) {
    this.instance = instance;
    this.latency = new Latency(policy);
    this.ejection = new Ejection(random, policy);
    const url = new URL(instance.url ?? `http://${bracketed(instance.host)}:${instance.port}`);
    this.origin = url.origin;
    this.basePath = url.pathname.replace(/\/+$/, "");
    this.instanceId = instance.metadata["instance"];
  }

  get url(): string {
    return this.origin + this.basePath;
  }
}

/** Equal for lists that mean the same process: a restarted one on the same port is another. */
export const endpointKey = (instance: Instance): string =>
  `${instance.url ?? instance.host}:${instance.port} ${instance.metadata["instance"] ?? ""}`;

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);
