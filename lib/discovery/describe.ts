// Describes what discovery knows about a service: the instance it would choose now, and every instance with its state.

import { choose } from "./instances/balancer.ts";
import type { Endpoint } from "./instances/endpoint.ts";
import type { ServiceEntry } from "./resolver/service-entry.ts";

/** The reply of `GET /api/orders/discover/{service}/`. */
export interface Description {
  readonly service: string;
  /** Null when no instance can take requests. */
  readonly chosen: { readonly host: string; readonly port: number; readonly url: string } | null;
  readonly instances: readonly DescribedInstance[];
}

export interface DescribedInstance {
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  readonly healthy: boolean;
  readonly enabled: boolean;
  /** True while this process sends it no requests: it is ejected, or in its cool-down. */
  readonly ejected: boolean;
  readonly in_flight: number;
  /** Recent average in milliseconds, measured by this process; null before the first reply. */
  readonly latency_ms: number | null;
  /** `registry`: in its current list. `snapshot`: from an earlier list, because the registry does not answer, or because it no longer lists an instance that still answers. */
  readonly source: "registry" | "snapshot" | "static";
  /** Time since the registry last confirmed the list. */
  readonly age_ms: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Describes `entry` at `now` (the resolver's clock), without side effects. */
export function describeService(
  service: string,
  entry: ServiceEntry,
  now: number,
  random: () => number,
): Description {
  const chosen = choose(entry.endpoints, { now, random, allowTrial: false });
  return {
    service,
    chosen:
      chosen === undefined
        ? null
        : { host: chosen.instance.host, port: chosen.instance.port, url: chosen.url },
    instances: entry.endpoints.map((endpoint) => describeEndpoint(endpoint, entry, now)),
  };
}

function describeEndpoint(endpoint: Endpoint, entry: ServiceEntry, now: number): DescribedInstance {
  const { host, port, weight, healthy, enabled, metadata, url } = endpoint.instance;
  const latency = endpoint.latency.measured;
  return {
    host,
    port,
    weight,
    healthy,
    enabled,
    ejected: endpoint.ejection.state(now) !== "in" || endpoint.coolDownUntil > now,
    in_flight: endpoint.inFlight,
    latency_ms: latency === undefined ? null : Math.round(latency * 100) / 100,
    source: url !== undefined ? "static" : endpoint.kept || entry.outdated ? "snapshot" : "registry",
    age_ms: Math.round(now - entry.confirmedAt),
    metadata,
  };
}
