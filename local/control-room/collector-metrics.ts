// The collector's own metrics, measured from what it knows.

import type { Outbox } from "./api.ts";
import type { Calls } from "./calls.ts";
import type { Runtimes } from "./runtimes.ts";
import type { Point } from "./spans.ts";
import type { MetricNames } from "./telemetry-contract.ts";
import { WINDOW_MS } from "./traffic.ts";

/** Metrics of others have no unit here. */
export const METRICS: MetricNames["items"] = [
  {
    name: "requests_per_second",
    unit: "1/s",
    help: `Requests answered by a service, over ${WINDOW_MS / 1_000} s`,
  },
  { name: "errors_per_second", unit: "1/s", help: "Requests of a service that failed" },
  { name: "request_p50_ms", unit: "ms", help: "Half of a service's requests took no longer" },
  { name: "request_p99_ms", unit: "ms", help: "99 of 100 requests of a service took no longer" },
  {
    name: "calls_per_second",
    unit: "1/s",
    help: "Calls from one service to another, a database or a provider",
  },
  { name: "call_p99_ms", unit: "ms", help: "99 of 100 of these calls took no longer" },
  { name: "memory_bytes", unit: "bytes", help: "Resident memory of a runtime" },
  { name: "cpu", unit: "cores", help: "Share of one core that a runtime uses" },
  { name: "event_loop_p99_ms", unit: "ms", help: "Delay of a runtime's event loop" },
  { name: "requests_in_flight", unit: "", help: "Requests of a service that are not answered yet" },
  {
    name: "outbox_lag_ms",
    unit: "ms",
    help: "How long the work of the longest overdue aggregate has been due",
  },
  { name: "outbox_parked", unit: "", help: "Aggregates with something parked" },
];

interface Measured {
  readonly served: ReturnType<Calls["edges"]["edges"]>;
  readonly edges: ReturnType<Calls["edges"]["edges"]>;
  readonly runtimes: ReturnType<Runtimes["all"]>;
  readonly outbox: Outbox;
}

/** The values at a time. */
export function measured(at: number, { served, edges, runtimes, outbox }: Measured): readonly Point[] {
  const points: Point[] = [];
  const add = (name: string, labels: Readonly<Record<string, string>>, value: number | null) => {
    if (value !== null) points.push({ at, name, labels, value });
  };
  for (const { to: service, traffic } of served) {
    add("requests_per_second", { service }, traffic.per_second);
    add("errors_per_second", { service }, (traffic.errors * 1_000) / traffic.window_ms);
    add("request_p50_ms", { service }, traffic.p50_ms);
    add("request_p99_ms", { service }, traffic.p99_ms);
  }
  for (const { from, to, traffic } of edges) {
    add("calls_per_second", { from, to }, traffic.per_second);
    add("call_p99_ms", { from, to }, traffic.p99_ms);
  }
  for (const { report, state } of runtimes) {
    if (state === "down" || state === "paused" || state === "slow") continue;
    const runtime = report.instance;
    add("memory_bytes", { runtime }, report.memory_bytes);
    add("cpu", { runtime }, report.cpu);
    add("event_loop_p99_ms", { runtime }, report.event_loop_p99_ms);
    for (const { name: service, in_flight } of report.services)
      add("requests_in_flight", { service, runtime }, in_flight);
  }
  for (const { service, lag_ms, parked } of outbox.services) {
    add("outbox_lag_ms", { service }, lag_ms);
    add("outbox_parked", { service }, parked);
  }
  return points;
}
