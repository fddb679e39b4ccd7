// One trace from the buyer's click to the mail, as a receiver of OpenTelemetry's protocol sees it.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from "../../support/otlp-receiver.ts";
import { until } from "../../support/poll.ts";
import { orderIn, shop } from "../../support/shop.ts";
import { type System, startSystem } from "../../support/system.ts";
import { credentialsBy } from "../../support/system-under-test.ts";

const SECRET = "the secret key of the test of traces, long enough";
const NAME = "张三丰";
const EMAIL = "buyer.of.traces@shop.example";
/** What a browser's click begins. */
const TRACE = randomBytes(16).toString("hex");
const CLICK = randomBytes(8).toString("hex");
const traceparent = `00-${TRACE}-${CLICK}-01`;

let system: System;
let receiver: OtlpReceiver;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  system = await startSystem({
    env: { SECRET_KEY: SECRET, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
});
afterAll(async () => {
  await system?.cleanUp();
  await receiver?.close();
});

/** The span above `span`; undefined where that is the click, or was not received yet. */
const parentOf = (spans: readonly ReceivedSpan[], { parentSpanId }: ReceivedSpan) =>
  spans.find(({ spanId }) => spanId === parentSpanId);

/** Names of a span and all above it, from the top: `OrderService POST /api/orders/`. */
function pathTo(spans: readonly ReceivedSpan[], span: ReceivedSpan): string[] {
  const parent = parentOf(spans, span);
  return [...(parent === undefined ? [] : pathTo(spans, parent)), `${span.service} ${span.name}`];
}

test("an order that is paid and mailed is one trace", async () => {
  const user = { sub: "0197b5a0-0000-7000-8000-00000000abcd", email: EMAIL };
  const credentials = { ...(await credentialsBy(SECRET)(user)), traceparent };
  const customer = shop({ urls: { ...system.urls, orders: system.gatewayUrl } }, user.sub, credentials);
  const order = (await customer.order({ customer_name: NAME, total_amount: 299.99 })).body;
  const payment = (await customer.pay(order.id)).body;
  expect((await customer.simulate(payment.id)).status).toBe(202);
  await orderIn(customer, order.id, "paid");
  const path = (name: string) => (span: ReceivedSpan) => pathTo(receiver.spans, span).join(" > ") === name;
  const MAILED_PAID = [
    "PaymentService POST /api/payments/{id}/simulate/",
    "PaymentService process sandbox-relay",
    "PaymentService send PaymentService events",
    "PaymentService POST",
    "PaymentService POST /api/payments/callback/{method}/",
    "PaymentService process payments-relay",
    "PaymentService send PaymentService events",
    "PaymentService POST",
    "OrderService POST /internal/orders/{id}/payment-events/",
    "OrderService process orders-relay",
    "OrderService send OrderService events",
    "OrderService POST",
    "NotificationService POST /internal/notifications/",
    "NotificationService process notifications-relay",
    "NotificationService send NotificationService events",
    "NotificationService send mail",
  ].join(" > ");
  const mail = await until("the mail of the payment is in the trace", () =>
    receiver.spans.find(path(MAILED_PAID)),
  );
  expect(mail.traceId).toBe(TRACE);
  expect(mail.kind).toBe(3);

  // A span is sent when it ends, so after those below it.
  const spans = await until("no span waits for the one above it", () => {
    const received = receiver.spans.filter(({ traceId }) => traceId === TRACE);
    const alone = received.filter((span) => span.parentSpanId !== CLICK && !parentOf(received, span));
    return alone.length === 0 && received;
  });
  const paths = spans.map((span) => pathTo(spans, span).join(" > "));
  for (const wanted of [
    "gateway POST /api/orders/ > gateway POST > OrderService POST /api/orders/",
    "gateway POST /api/orders/ > gateway POST > OrderService POST /api/orders/ > OrderService PutItem test-orders",
    "PaymentService POST /api/payments/ > PaymentService open sandbox",
    "PaymentService POST /api/payments/ > PaymentService POST > OrderService POST /internal/orders/{id}/payment-attempts/",
  ]) {
    expect(paths).toContain(wanted);
  }
  const top = spans.filter(({ parentSpanId }) => parentSpanId === CLICK);
  expect(top.length).toBeGreaterThanOrEqual(3);

  const created = spans.find(({ name }) => name === "POST /api/orders/");
  expect(created?.attributes).toMatchObject({
    "http.request.method": "POST",
    "http.route": "/api/orders/",
    "http.response.status_code": 201,
    "user.id": user.sub,
    "cfmp.order.id": order.id,
  });
  const paid = spans.find(({ name }) => name === "POST /api/payments/");
  expect(paid?.attributes).toMatchObject({ "cfmp.order.id": order.id, "cfmp.payment.id": payment.id });
  const put = spans.find(({ name }) => name === "PutItem test-orders");
  expect(put?.attributes).toMatchObject({ "db.system.name": "aws.dynamodb", "db.operation.name": "PutItem" });
});

test("nothing that was sent names a person, an address or a token", () => {
  const sent = receiver.bodies.join("\n");
  expect(receiver.spans.length).toBeGreaterThan(30);
  for (const text of [NAME, EMAIL, "shop.example", "Bearer", "eyJ", SECRET, "sandbox-signature", "299.99"]) {
    expect([text, sent.includes(text)]).toEqual([text, false]);
  }
});

test("a line of the log names the span that it belongs to", () => {
  const file = readFileSync(join(system.env["LOG_DIR"] ?? "", "order-service.log"), "utf8");
  const lines: { trace_id?: string; span_id?: string; route?: string }[] = file
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const logged = lines.find(({ trace_id, route }) => trace_id === TRACE && route === "createOrder");
  const span = receiver.spans.find(({ name }) => name === "POST /api/orders/");
  expect(logged?.span_id).toBe(span?.spanId);
});

test("what is recorded last is sent before the process ends", async () => {
  const path = `/api/orders/${randomBytes(4).toString("hex")}/`;
  await shop(system).call("GET", `${system.urls.orders}${path}`);
  await system.stop();
  expect(receiver.spans.map(({ attributes }) => attributes["url.path"])).toContain(path);
});
