// The metrics that are looked up when they are asked for: connections, the state of the balancer, outboxes, the registry.

import { Gauge, type Registry } from "prom-client";
import { VERSION } from "../../lib/core/version.ts";
import { waitAtMost } from "../../lib/core/wait-at-most.ts";
import type { DescribedInstance, Discovery } from "../../lib/discovery/index.ts";
import type { OutboxStanding } from "../../lib/outbox/standing.ts";
import type { MeasuredNames, MeasuredRoute } from "./instruments.ts";

/** A service of this process. */
export interface MeasuredService {
  readonly name: string;
  readonly routes: readonly MeasuredRoute[];
  connections(): Promise<number>;
  /** Number of requests that are not answered yet. */
  underWay(): number;
  outbox(): Promise<OutboxStanding>;
}

export interface GaugeSource {
  /** The services of this process. */
  readonly services: readonly MeasuredService[];
  /** Names of all services that it may call. */
  readonly peers: readonly string[];
  /** The gateway of this process, if it has one. */
  readonly gateway?: MeasuredNames["gateway"];
  readonly discovery: Pick<Discovery, "observe" | "status">;
}

/** Milliseconds that a database or registry is waited for; what has not answered by then has no value in this reply. */
const WITHIN_MS = 2_000;

const STATES = ["available", "ejected", "unhealthy", "disabled"] as const;

/** Adds the gauges to `registry`. Returns what gives them their values; it never rejects. */
export function addGauges(registry: Registry, source: GaugeSource): () => Promise<void> {
  const registers = [registry];
  const ofService = <Label extends string>(name: string, help: string, more: readonly Label[] = []) =>
    new Gauge({ name, help, labelNames: ["service", ...more], registers });
  const info = new Gauge({
    name: "cfmp_info",
    help: "1; its label is the version",
    labelNames: ["version"],
    registers,
  });
  info.set({ version: VERSION }, 1);
  const connections = ofService("cfmp_http_connections", "Open connections to a service's listener");
  const underWay = ofService("cfmp_http_requests_in_progress", "Requests that are not answered yet");
  const instances = ofService("cfmp_peer_instances", "Instances as this process's balancer sees them", [
    "state",
  ]);
  const inFlight = ofService(
    "cfmp_peer_requests_in_flight",
    "Requests of this process to a service that have no reply yet",
  );
  const lag = ofService(
    "cfmp_outbox_lag_seconds",
    "How long the work of the longest overdue aggregate has been due",
  );
  const parked = ofService("cfmp_outbox_parked", "Aggregates with something parked, up to 100");
  const registryUp = new Gauge({
    name: "cfmp_registry_up",
    help: "1 while the registry answers, else 0",
    registers,
  });

  async function ofOwn({ name: service, ...own }: MeasuredService): Promise<void> {
    underWay.set({ service }, own.underWay());
    const [open, outbox] = await Promise.all([inTime(own.connections()), inTime(own.outbox())]);
    if (open !== undefined) connections.set({ service }, open);
    if (outbox === undefined) return;
    lag.set({ service }, outbox.lag_s);
    parked.set({ service }, outbox.parked);
  }

  async function ofPeer(service: string): Promise<void> {
    const described = await inTime(source.discovery.observe(service));
    if (described === undefined) return;
    for (const state of STATES) {
      const those = described.instances.filter((instance) => stateOf(instance) === state);
      instances.set({ service, state }, those.length);
    }
    inFlight.set(
      { service },
      described.instances.reduce((sum, { in_flight }) => sum + in_flight, 0),
    );
  }

  return async () => {
    for (const gauge of [connections, instances, inFlight, lag, parked]) gauge.reset();
    registryUp.set(source.discovery.status() === "ok" ? 1 : 0);
    await Promise.all([...source.services.map(ofOwn), ...source.peers.map(ofPeer)]);
  };
}

function stateOf({ enabled, healthy, ejected }: DescribedInstance): (typeof STATES)[number] {
  if (!enabled) return "disabled";
  if (!healthy) return "unhealthy";
  return ejected ? "ejected" : "available";
}

/** What `work` resolves with; undefined when it fails or takes too long. */
async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  let value: T | undefined;
  const done = work.then(
    (result) => {
      value = result;
    },
    () => {},
  );
  await waitAtMost(WITHIN_MS, done);
  return value;
}
