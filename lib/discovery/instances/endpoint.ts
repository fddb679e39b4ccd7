// One instance as its callers see it: address, load, latency, ejection. It keeps its state when the instance list changes.

import { authority } from "../../core/host.ts";
import { meter } from "../../observability/meter.ts";
import type { Instance } from "../registry/registry.ts";
import { defaultPolicy, type PolicySource } from "../settings/policy.ts";
import { Ejection } from "./ejection.ts";
import { Latency } from "./latency.ts";

export class Endpoint {
  readonly latency: Latency;
  readonly ejection: Ejection;
  readonly origin: string;
  /** Prefix of every path; usually empty. */
  readonly basePath: string;
  /** Its unique id, if it has one: sent in a header, so that another listener at this address answers 421. */
  readonly instanceId: string | undefined;
  /** Number of requests in flight. */
  inFlight = 0;
  /** False until its first reply, whose latency includes connecting and is not representative. */
  warm = false;
  /** Its state in the registry's last list. */
  instance: Instance;
  /** True when the registry no longer lists it although it still answers. */
  kept = false;
  /** True when another service or instance answered at its address last. */
  misdirected = false;
  /** When it last answered a request itself (monotonic milliseconds). */
  answeredAt = Number.NEGATIVE_INFINITY;
  /** End of its cool-down: no request is sent before (monotonic milliseconds). */
  coolDownUntil = Number.NEGATIVE_INFINITY;
  #waitingSince = 0;

  constructor(instance: Instance, random: () => number = Math.random, policy: PolicySource = defaultPolicy) {
    this.instance = instance;
    this.latency = new Latency(policy);
    this.ejection = new Ejection(random, policy, () => meter()?.ejected(this.instance.service));
    const url = new URL(instance.url ?? `http://${authority(instance.host, instance.port)}`);
    this.origin = url.origin;
    this.basePath = url.pathname.replace(/\/+$/, "");
    this.instanceId = instance.metadata["instance"];
  }

  get url(): string {
    return this.origin + this.basePath;
  }

  /** A request is sent. */
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
   * Milliseconds for which requests have been in flight without a single reply. A hung instance produces no new latencies;
   * this distinguishes it from a busy one long before the first time-out.
   */
  silentFor(now: number): number {
    return this.inFlight === 0 ? 0 : now - this.#waitingSince;
  }
}

/** Identifies the process behind an instance: a restarted one on the same port has another key. */
export const endpointKey = (instance: Instance): string =>
  `${instance.url ?? instance.host}:${instance.port} ${instance.metadata["instance"] ?? ""}`;
