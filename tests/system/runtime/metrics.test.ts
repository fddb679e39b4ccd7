// Metrics of the running system: an order's way to its mail, as its numbers show it.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { freePorts } from "../../support/free-ports.ts";
import { until } from "../../support/poll.ts";
import { send, shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";

let system: System;
let port: number | undefined;
let customer: ReturnType<typeof shop>;

beforeAll(async () => {
  [port] = await freePorts(1);
  system = await startSystem({ env: { METRICS_PORT: String(port) } });
  customer = shop(system);
});
afterAll(() => system?.cleanUp());

const metrics = async (): Promise<string> =>
  String((await send("GET", `http://127.0.0.1:${port}/metrics`)).body);

/** The value of the sample that begins so. */
const sampleOf = (text: string, sample: string): number => {
  const line = text.split("\n").find((one) => one.startsWith(`${sample} `));
  return line === undefined ? 0 : Number(line.slice(sample.length + 1));
};

test("the start says where they are", () => {
  expect(system.logs()).toContain(`http://127.0.0.1:${port}/metrics`);
});

test("show requests, attempts, deliveries, storage and the balancer, and no id", async () => {
  const order = (await customer.order()).body;
  expect((await send("GET", `${system.gatewayUrl}/nowhere/`)).status).toBe(404);
  expect((await customer.pay(order.id)).status).toBe(201);
  const delivered = 'cfmp_outbox_deliveries_total{service="OrderService",outcome="delivered"}';
  const text = await until("an event is delivered", async () => {
    const now = await metrics();
    return sampleOf(now, delivered) > 0 ? now : undefined;
  });
  const request = (service: string, method: string, route: string, status: string) =>
    `cfmp_http_request_duration_seconds_count{service="${service}",method="${method}",route="${route}",status="${status}"}`;
  for (const sample of [
    request("OrderService", "POST", "/api/orders/", "2xx"),
    request("PaymentService", "POST", "/api/payments/", "2xx"),
    request("OrderService", "GET", "/health/", "2xx"),
    request("gateway", "GET", "*", "4xx"),
    'cfmp_peer_attempt_duration_seconds_count{service="OrderService",outcome="2xx"}',
    'cfmp_peer_instances{service="OrderService",state="available"}',
    'cfmp_storage_request_duration_seconds_count{operation="PutItem",outcome="ok"}',
    'cfmp_outbox_delivery_age_seconds_count{service="OrderService"}',
    "cfmp_registry_up",
    "nodejs_eventloop_lag_p99_seconds",
  ]) {
    expect([sample, sampleOf(text, sample) > 0]).toEqual([sample, true]);
  }
  expect(text).toContain('cfmp_outbox_parked{service="PaymentService"} 0');
  expect(text).not.toContain(order.id);
  expect(text).not.toMatch(/[\da-f]{8}-[\da-f]{4}-/);
});
