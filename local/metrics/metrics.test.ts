import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "@jest/globals";
import { meter } from "../../lib/observability/meter.ts";
import { addGauges, type GaugeSource } from "./gauges.ts";
import { createInstruments } from "./instruments.ts";
import { type Metrics, openMetrics } from "./start.ts";

const instance = {
  host: "127.0.0.1",
  port: 1,
  weight: 1,
  healthy: true,
  enabled: true,
  ejected: false,
  in_flight: 2,
  latency_ms: null,
  source: "registry",
  age_ms: 0,
  metadata: {},
} as const;

/** A process with one service, which knows four instances of it. */
const source: GaugeSource = {
  services: [
    {
      name: "OrderService",
      routes: [{ method: "GET", path: "/api/orders/{id}/" }],
      connections: async () => 7,
      underWay: () => 3,
      outbox: async () => ({ lag_s: 12, parked: 4 }),
    },
  ],
  peers: ["OrderService"],
  discovery: {
    status: () => "degraded",
    observe: async (service) => ({
      service,
      chosen: null,
      instances: [
        instance,
        { ...instance, ejected: true },
        { ...instance, healthy: false },
        { ...instance, enabled: false, in_flight: 0 },
      ],
    }),
  },
};

const names = { services: source.services, peers: ["OrderService", "PaymentService"] };

/** The rows of the table of metrics in docs/metrics.md: name, type, labels. */
const documented = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `cfmp_"))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, name, type, labels = ""]) => [
    name?.replaceAll("`", ""),
    type,
    [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort(),
  ]);

interface Described {
  readonly name: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}
const isDescribed = (value: object): value is Described =>
  "name" in value && "type" in value && "labelNames" in value;

test("docs/metrics.md lists every metric of the project with its type and labels", () => {
  const { registry } = createInstruments(names);
  addGauges(registry, source);
  const all: readonly object[] = registry.getMetricsAsArray();
  const own = all.filter(isDescribed);
  const shown = own
    .filter(({ name }) => name.startsWith("cfmp_"))
    .map(({ name, type, labelNames }) => [name, type, [...labelNames].sort()]);
  const byName = (one: unknown[], other: unknown[]) => String(one[0]).localeCompare(String(other[0]));
  expect(shown.toSorted(byName)).toEqual(documented.toSorted(byName));
  expect(own.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "process_cpu_seconds_total",
      "process_resident_memory_bytes",
      "nodejs_eventloop_lag_p99_seconds",
      "nodejs_gc_duration_seconds",
      "nodejs_heap_size_used_bytes",
    ]),
  );
});

describe("labels", () => {
  test("have few values, whatever a client sends", async () => {
    const { registry, meter: made } = createInstruments(names);
    for (let index = 0; index < 50; index += 1) {
      made.request("OrderService", "*", `METHOD-${index}`, 400 + index, 0.01);
    }
    const text = await registry.getSingleMetricAsString("cfmp_http_request_duration_seconds");
    expect(text.match(/_count\{.*"[1-4]xx".*/g)).toEqual([
      '_count{service="OrderService",method="_OTHER",route="*",status="4xx"} 50',
    ]);
  });
});

test("failed requests of the gateway are there from the beginning as well, in a process that has one", async () => {
  const own = { name: "gateway", routes: [{ method: "GET", path: "/api/orders/" }] };
  const of = async (gateway?: typeof own) =>
    (await createInstruments({ ...names, gateway }).registry.metrics()).match(/_count\{service="gateway".*/g);
  expect(await of()).toBeNull();
  expect(await of(own)).toEqual([
    '_count{service="gateway",method="GET",route="/api/orders/",status="5xx"} 0',
  ]);
});

test("counters are there from the beginning, so that their first event is seen as an increase", async () => {
  const text = await createInstruments(names).registry.metrics();
  expect(text.match(/^cfmp_\w+_total\{.*/gm)).toEqual([
    'cfmp_peer_retries_total{service="OrderService"} 0',
    'cfmp_peer_retries_total{service="PaymentService"} 0',
    'cfmp_peer_retries_refused_total{service="OrderService"} 0',
    'cfmp_peer_retries_refused_total{service="PaymentService"} 0',
    'cfmp_peer_ejections_total{service="OrderService"} 0',
    'cfmp_peer_ejections_total{service="PaymentService"} 0',
    'cfmp_outbox_deliveries_total{service="OrderService",outcome="delivered"} 0',
    'cfmp_outbox_deliveries_total{service="OrderService",outcome="postponed"} 0',
    'cfmp_outbox_deliveries_total{service="OrderService",outcome="parked"} 0',
    'cfmp_spans_total{outcome="sent"} 0',
    'cfmp_spans_total{outcome="queue_full"} 0',
    'cfmp_spans_total{outcome="refused"} 0',
    'cfmp_spans_total{outcome="unreachable"} 0',
  ]);
});

test("failed requests and ages of deliveries are there from the beginning as well", async () => {
  const text = await createInstruments(names).registry.metrics();
  expect(text.match(/^cfmp_\w+_count\{.*/gm)).toEqual([
    'cfmp_http_request_duration_seconds_count{service="OrderService",method="GET",route="/api/orders/{id}/",status="5xx"} 0',
    'cfmp_outbox_delivery_age_seconds_count{service="OrderService"} 0',
  ]);
});

test("gauges show what is so when they are asked for", async () => {
  const { registry } = createInstruments(names);
  await addGauges(registry, source)();
  const text = await registry.metrics();
  for (const line of [
    'cfmp_http_connections{service="OrderService"} 7',
    'cfmp_http_requests_in_progress{service="OrderService"} 3',
    'cfmp_outbox_lag_seconds{service="OrderService"} 12',
    'cfmp_outbox_parked{service="OrderService"} 4',
    'cfmp_peer_instances{service="OrderService",state="available"} 1',
    'cfmp_peer_instances{service="OrderService",state="ejected"} 1',
    'cfmp_peer_instances{service="OrderService",state="unhealthy"} 1',
    'cfmp_peer_instances{service="OrderService",state="disabled"} 1',
    'cfmp_peer_requests_in_flight{service="OrderService"} 6',
    "cfmp_registry_up 0",
  ]) {
    expect(text).toContain(line);
  }
});

test("a gauge whose source fails is missing, and the others are there", async () => {
  const { registry } = createInstruments(names);
  const away = () => Promise.reject(new Error("away"));
  const [own] = source.services;
  const services = own === undefined ? [] : [{ ...own, outbox: away }];
  await addGauges(registry, { ...source, services, discovery: { ...source.discovery, observe: away } })();
  const text = await registry.metrics();
  expect(text).toContain('cfmp_http_connections{service="OrderService"} 7');
  expect(text).not.toMatch(/^cfmp_(outbox_lag|outbox_parked|peer_instances)\S*\{/m);
});

describe("the page", () => {
  let opened: Metrics | undefined;
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  const config = { METRICS_HOST: "127.0.0.1", DEBUG: false, ALLOWED_HOSTS: [] };

  async function get(path: string, init: RequestInit = {}): Promise<Response> {
    opened ??= await openMetrics(0, config, source, () => {});
    return fetch(`http://127.0.0.1:${opened.port}${path}`, init);
  }

  test("shows the metrics in Prometheus' format while it is open, and nothing is measured afterwards", async () => {
    const reply = await get("/metrics");
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    meter()?.ejected("PaymentService");
    expect(await (await get("/metrics/")).text()).toContain(
      'cfmp_peer_ejections_total{service="PaymentService"} 1',
    );
    await opened?.close();
    opened = undefined;
    expect(meter()).toBeUndefined();
  });

  test.each([
    ["another path", "/", {}, 404],
    ["a path that only begins alike", "/metricsx", {}, 404],
    ["another method", "/metrics", { method: "POST" }, 405],
    ["a page of another origin", "/metrics", { headers: { origin: "http://evil.example" } }, 403],
  ] as const)("refuses %s", async (_, path, init, status) => {
    const reply = await get(path, init);
    expect(reply.status).toBe(status);
    expect(reply.headers.get("content-type")).toMatch(/problem\+json/);
  });

  test("HEAD has no body", async () => {
    const reply = await get("/metrics", { method: "HEAD" });
    expect([reply.status, await reply.text()]).toEqual([200, ""]);
  });
});
