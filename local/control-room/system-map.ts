// The map: services, their instances and the calls between them, out of reports, health and spans. Pure.

import { DATABASE } from "./calls.ts";
import { CLIENT } from "./counts.ts";
import type { ListenerHealth } from "./health.ts";
import type {
  Backend,
  Edge,
  InstanceState,
  InstanceView,
  RuntimeView,
  ServiceNode,
  SystemMap,
} from "./map-contract.ts";
import type { KnownRuntime } from "./runtimes.ts";
import { noTraffic } from "./traffic.ts";

export interface MapSources {
  readonly at: number;
  readonly runtimes: readonly KnownRuntime[];
  /** Whether one starts that is not among them yet. */
  readonly isStarting: boolean;
  /** What `/health/` said last, by URL. */
  readonly health: ReadonlyMap<string, ListenerHealth>;
  /** Requests answered by each service, and calls between them, of the window. */
  readonly served: readonly Edge[];
  readonly edges: readonly Edge[];
  /** Calls of the last minute. */
  readonly lastMinute: readonly Edge[];
}

const GATEWAY = "gateway";
/** Edges that end at something that is no service. */
const NO_SERVICES = ["database", "provider", "mail"];

export function systemMap({
  at,
  runtimes,
  isStarting,
  health,
  served,
  edges,
  lastMinute,
}: MapSources): SystemMap {
  const instances = runtimes.flatMap((runtime) => instancesOf(runtime, runtimes, health, at));
  const own = new Set(instances.map(({ service }) => service));
  const seen = [
    ...served.map(({ to }) => to),
    ...edges.flatMap(({ from, to, kind }) => (NO_SERVICES.includes(kind) ? [from] : [from, to])),
  ];
  const names = new Set([...own, ...seen.filter((name) => name !== CLIENT)]);
  return {
    at,
    nodes: [...names].sort().map((name) => nodeOf(name, own.has(name), instances, served)),
    edges,
    runtimes: runtimes.map(runtimeView),
    starting: isStarting || runtimes.some(({ state }) => state === "starting"),
    registry: backend(runtimes, ({ state, report: { registry } }) => ({
      ...registry,
      state: registry.ok ? "ok" : state === "starting" ? "unknown" : "down",
    })),
    database: databaseOf(runtimes, health),
    failed_last_minute: lastMinute.reduce(
      (sum, { from, traffic }) => sum + (from === CLIENT ? traffic.errors : 0),
      0,
    ),
  };
}

type OwnInstance = InstanceView & { readonly service: string };

function instancesOf(
  { report, state }: KnownRuntime,
  all: readonly KnownRuntime[],
  health: ReadonlyMap<string, ListenerHealth>,
  at: number,
): OwnInstance[] {
  const shared = {
    runtime: report.instance,
    version: report.version,
    uptime_ms: state === "down" ? null : Math.max(0, at - report.started_at),
  };
  const services = report.services.map(({ name, url, in_flight, connections }) => ({
    ...shared,
    service: name,
    id: report.instance,
    url,
    state: withHealth(state, health.get(url)),
    in_flight,
    connections,
    balancer: balancerOf(all, name, url),
    checks: health.get(url)?.checks ?? {},
  }));
  if (report.gateway_url === null) return services;
  const gateway: OwnInstance = {
    ...shared,
    service: GATEWAY,
    id: report.instance,
    url: report.gateway_url,
    state: withHealth(state, health.get(report.gateway_url)),
    in_flight: null,
    connections: null,
    balancer: null,
    checks: health.get(report.gateway_url)?.checks ?? {},
  };
  return [...services, gateway];
}

/** A runtime that works may have a listener that does not. */
function withHealth(state: InstanceState, health: ListenerHealth | undefined): InstanceState {
  if (state !== "ok" || health === undefined) return state;
  return health.status;
}

/** The worst that any caller thinks of it. */
function balancerOf(
  runtimes: readonly KnownRuntime[],
  service: string,
  url: string,
): InstanceView["balancer"] {
  const opinions = runtimes
    .filter(({ state }) => state !== "down")
    .flatMap(({ report }) => report.peers.filter((peer) => peer.service === service && peer.url === url))
    .map(({ balancer }) => balancer);
  for (const worst of ["disabled", "unhealthy", "ejected", "available"] as const)
    if (opinions.includes(worst)) return worst;
  return null;
}

function nodeOf(
  name: string,
  own: boolean,
  instances: readonly OwnInstance[],
  served: readonly Edge[],
): ServiceNode {
  const mine = instances.filter(({ service }) => service === name);
  return {
    name,
    origin: own ? "own" : "other",
    state: own ? stateOf(mine) : "unknown",
    instances: mine.map(({ service: _, ...view }) => view),
    traffic: served.find(({ to }) => to === name)?.traffic ?? noTraffic,
  };
}

/** A service is well when one of its instances is, and degraded while another has failed. */
function stateOf(instances: readonly InstanceView[]): InstanceState {
  const has = (state: InstanceState) => instances.some((instance) => instance.state === state);
  const well = has("ok");
  if (well && !has("down") && !has("paused")) return "ok";
  if (well || has("degraded")) return "degraded";
  for (const state of ["starting", "draining", "slow", "paused"] as const) if (has(state)) return state;
  return "down";
}

const runtimeView = ({ report, state, slowed }: KnownRuntime): RuntimeView => ({
  id: report.instance,
  pid: report.pid,
  state,
  started_at: report.started_at,
  services: [...report.services.map(({ name }) => name), ...(report.gateway_url === null ? [] : [GATEWAY])],
  memory_bytes: state === "down" ? null : report.memory_bytes,
  cpu: state === "down" ? null : report.cpu,
  event_loop_p99_ms: state === "down" ? null : report.event_loop_p99_ms,
  slowed: slowed && state !== "down",
});

/** As the latest of those that run says. */
function backend(runtimes: readonly KnownRuntime[], read: (runtime: KnownRuntime) => Backend): Backend {
  const running = runtimes.filter(({ state }) => state !== "down" && state !== "paused");
  const latest = running.at(-1) ?? runtimes.at(-1);
  if (latest === undefined) return { kind: "none", address: null, state: "unknown" };
  const { kind, address, state } = read(latest);
  return { kind, address, state: running.length === 0 ? "unknown" : state };
}

/** Services check the database in their health; none of a paused or ended one counts. */
function databaseOf(runtimes: readonly KnownRuntime[], health: ReadonlyMap<string, ListenerHealth>): Backend {
  const urls = runtimes
    .filter(({ state }) => state === "ok")
    .flatMap(({ report }) => report.services.map(({ url }) => url));
  const checks = urls.flatMap((url) => {
    const check = health.get(url)?.checks[DATABASE];
    return check === undefined ? [] : [check];
  });
  const state = checks.length === 0 ? "unknown" : checks.includes("ok") ? "ok" : "down";
  return backend(runtimes, ({ report: { database } }) => ({
    kind: database.kind,
    address: database.address,
    state,
  }));
}
