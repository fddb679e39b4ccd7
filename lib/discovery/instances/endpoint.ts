// One instance as its callers experience it: address, load, latency, ejection. Outlives the lists that name it.

import { authority } from "../../core/host.ts";
import type { Instance } from "../registry/registry.ts";
import { defaultPolicy, type PolicySource } from "../settings/policy.ts";
import { Ejection } from "./ejection.ts";
import { Latency } from "./latency.ts";

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
  warm = false;
  /** What the registry last said. */
  instance: Instance;
  /** True when the registry no longer lists it, but it still answers. */
  kept = false;
  /** Another listener answered here last. */
  misdirected = false;
  /** When it last answered a request as itself (clock of latencies). */
  answeredAt = Number.NEGATIVE_INFINITY;
  /** No request is sent before this time: it answered 503 with `Retry-After` (clock of latencies). */
  coolDownUntil = Number.NEGATIVE_INFINITY;
  #waitingSince = 0;

  constructor(instance: Instance, random: () => number = Math.random, policy: PolicySource = defaultPolicy) {
    this.instance = instance;
    this.latency = new Latency(policy);
    this.ejection = new Ejection(random, policy);
    const url = new URL(instance.url ?? `http://${authority(instance.host, instance.port)}`);
    this.origin = url.origin;
    this.basePath = url.pathname.replace(/\/+$/, "");
    this.instanceId = instance.metadata["instance"];
  }

  get url(): string {
    return this.origin + this.basePath;
  }

  /** A request goes out. */
  began(now: number): void {
    if (this.inFlight === 0) this.#waitingSince = now;
    this.inFlight += 1;
  }

  /** A request ended, with or without a reply. */
  ended(now: number): void {
    this.inFlight -= 1;
    this.#waitingSince = now;
  }

  /**
   * Milliseconds that it has let requests wait without ending a single one. A hung instance has no new latency to be
   * judged by; this tells it from a busy one long before the first time-out.
   */
  silentFor(now: number): number {
    return this.inFlight === 0 ? 0 : now - this.#waitingSince;
  }
}

/** Equal for lists that mean the same process: a restarted one on the same port is another. */
export const endpointKey = (instance: Instance): string =>
  `${instance.url ?? instance.host}:${instance.port} ${instance.metadata["instance"] ?? ""}`;
