// The metrics that this process keeps while it works, in the format of Prometheus. Labels have few values: routes as templates,
// statuses by their class, never an id. docs/metrics.md lists them all; a test compares.

import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
import { knownMethod } from "../../lib/observability/http-method.ts";
import type { DeliveryOutcome, Meter, SpanOutcome } from "../../lib/observability/meter.ts";

export interface Instruments {
  readonly registry: Registry;
  readonly meter: Meter;
}

/** Upper bounds in seconds of what is served or asked. */
const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Upper bounds in seconds of how old an event is when it is delivered: at once by a hint, later by a sweep or a retry. */
const AGES = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 60, 300, 3_600, 86_400];

/** A route as the labels of its requests say it. */
export interface MeasuredRoute {
  readonly method: string;
  /** The path's template. */
  readonly path: string;
}

/** Which services with which routes a process has, and which services it may call. */
export interface MeasuredNames {
  readonly services: readonly { readonly name: string; readonly routes: readonly MeasuredRoute[] }[];
  readonly peers: readonly string[];
  /** The gateway's name with its routes, where this process has one. */
  readonly gateway?: { readonly name: string; readonly routes: readonly MeasuredRoute[] } | undefined;
}

// What is not there before its first event would hide that event from `rate()` and `increase()`.
const DELIVERY_OUTCOMES: readonly DeliveryOutcome[] = ["delivered", "postponed", "parked"];
const SPAN_OUTCOMES: readonly SpanOutcome[] = ["sent", "queue_full", "refused", "unreachable"];

/** A registry with the metrics of the process itself, and a meter that fills the others. Counters, ages and the failed requests begin at 0. */
export function createInstruments({ services, peers, gateway }: MeasuredNames): Instruments {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "cfmp_http_request_duration_seconds",
    help: "Time from a request's arrival at its handler until the reply",
    labelNames: ["service", "method", "route", "status"] as const,
    buckets: DURATIONS,
    registers,
  });
  const attempts = new Histogram({
    name: "cfmp_peer_attempt_duration_seconds",
    help: "Time of an attempt at an instance of a service until its reply or failure",
    labelNames: ["service", "outcome"] as const,
    buckets: DURATIONS,
    registers,
  });
  const retries = new Counter({
    name: "cfmp_peer_retries_total",
    help: "Attempts after the first one of a call",
    labelNames: ["service"] as const,
    registers,
  });
  const refusedRetries = new Counter({
    name: "cfmp_peer_retries_refused_total",
    help: "Calls that ended because the retry budget was spent",
    labelNames: ["service"] as const,
    registers,
  });
  const ejections = new Counter({
    name: "cfmp_peer_ejections_total",
    help: "Ejections of instances, failed trials included",
    labelNames: ["service"] as const,
    registers,
  });
  const deliveries = new Counter({
    name: "cfmp_outbox_deliveries_total",
    help: "Deliveries of outbox events that were tried",
    labelNames: ["service", "outcome"] as const,
    registers,
  });
  const ages = new Histogram({
    name: "cfmp_outbox_delivery_age_seconds",
    help: "Age of outbox events when they were delivered",
    labelNames: ["service"] as const,
    buckets: AGES,
    registers,
  });
  const storage = new Histogram({
    name: "cfmp_storage_request_duration_seconds",
    help: "Time of a request to the database, its repetitions included",
    labelNames: ["operation", "outcome"] as const,
    buckets: DURATIONS,
    registers,
  });
  const spans = new Counter({
    name: "cfmp_spans_total",
    help: "Spans by what became of them",
    labelNames: ["outcome"] as const,
    registers,
  });
  for (const service of peers) {
    for (const counter of [retries, refusedRetries, ejections]) counter.inc({ service }, 0);
  }
  for (const { name: service } of services) {
    for (const outcome of DELIVERY_OUTCOMES) deliveries.inc({ service, outcome }, 0);
    ages.zero({ service });
  }
  for (const { name: service, routes } of gateway === undefined ? services : [...services, gateway]) {
    for (const { method, path } of routes) requests.zero({ service, method, route: path, status: "5xx" });
  }
  for (const outcome of SPAN_OUTCOMES) spans.inc({ outcome }, 0);
  return {
    registry,
    meter: {
      request(service, route, method, status, seconds) {
        const labels = {
          service,
          method: knownMethod(method),
          route,
          status: `${Math.floor(status / 100)}xx`,
        };
        requests.observe(labels, seconds);
      },
      attempt(service, outcome, retry, seconds) {
        attempts.observe({ service, outcome }, seconds);
        if (retry) retries.inc({ service });
      },
      retryRefused: (service) => refusedRetries.inc({ service }),
      ejected: (service) => ejections.inc({ service }),
      delivery(service, outcome, ageSeconds) {
        deliveries.inc({ service, outcome });
        if (outcome === "delivered") ages.observe({ service }, ageSeconds);
      },
      spans: (outcome, count) => spans.inc({ outcome }, count),
      storage: (operation, outcome, seconds) => storage.observe({ operation, outcome }, seconds),
    },
  };
}
