// A user of the running system, over its public API; and the sandbox provider, which signs callbacks.

import { randomUUID } from "node:crypto";
import { request } from "undici";
import { signCallback } from "../../functions/payments/providers/sandbox/signature.ts";
import { until } from "./poll.ts";

/** The services that the suites drive: rows of functions/services.ts, by their keys. */
export const SERVICE_KEYS = ["orders", "payments", "notifications"] as const;

export type ServiceKey = (typeof SERVICE_KEYS)[number];

/** Their names in the registry. */
export const SERVICE_NAMES = {
  orders: "OrderService",
  payments: "PaymentService",
  notifications: "NotificationService",
} as const satisfies Readonly<Record<ServiceKey, string>>;

export type ServiceName = (typeof SERVICE_NAMES)[ServiceKey];

/** Base URLs of the services, without a trailing slash. */
export type Urls = Readonly<Record<ServiceKey, string>>;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // Tests assert on what they read, field by field.
  // biome-ignore lint/suspicious/noExplicitAny: the body of any route.
  readonly body: any;
}

export type Headers = Readonly<Record<string, string>>;

/** One request; a body that is neither text nor bytes is sent as JSON. */
export async function send(
  method: string,
  url: string,
  body?: unknown,
  headers: Headers = {},
): Promise<Answer> {
  const reply = await request(url, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
  });
  const text = await reply.body.text();
  const json = text !== "" && String(reply.headers["content-type"] ?? "").includes("json");
  return { status: reply.statusCode, headers: reply.headers, body: json ? JSON.parse(text) : text };
}

const isRaw = (body: unknown): body is string | Uint8Array =>
  typeof body === "string" || body instanceof Uint8Array;

export type Send = typeof send;

/** Services that can be called: by HTTP, unless their `send` does it in another way. */
export interface Place {
  readonly urls: Urls;
  readonly send?: Send;
}

/** The system as one user (`UUID` header; `DEBUG=True`) sees it, with `credentials` instead where they are given. */
export function shop(
  { urls, send: carry = send }: Place,
  user: string = randomUUID(),
  credentials: Headers = { uuid: user },
) {
  const call = (method: string, url: string, body?: unknown, headers: Headers = {}) =>
    carry(method, url, body, { ...credentials, ...headers });
  return {
    user,
    order: (body: object = { customer_name: "张三", total_amount: 299.99 }, headers?: Headers) =>
      call("POST", `${urls.orders}/api/orders/`, body, headers),
    readOrder: (id: string) => call("GET", `${urls.orders}/api/orders/${id}/`),
    orders: (query = "") => call("GET", `${urls.orders}/api/orders/${query}`),
    editOrder: (id: string, body: object) => call("PUT", `${urls.orders}/api/orders/${id}/`, body),
    cancelOrder: (id: string) => call("POST", `${urls.orders}/api/orders/${id}/cancel/`, {}),
    completeOrder: (id: string) => call("POST", `${urls.orders}/api/orders/${id}/complete/`, {}),
    deleteOrder: (id: string) => call("DELETE", `${urls.orders}/api/orders/${id}/`),
    pay: (orderId: string, headers?: Headers) =>
      call("POST", `${urls.payments}/api/payments/`, { order_id: orderId, method: "sandbox" }, headers),
    payments: (query = "") => call("GET", `${urls.payments}/api/payments/${query}`),
    cancelPayment: (id: string) => call("POST", `${urls.payments}/api/payments/${id}/cancel/`, {}),
    readPayment: (id: string) => call("GET", `${urls.payments}/api/payments/${id}/`),
    simulate: (id: string, outcome: "success" | "failure" = "success") =>
      call("POST", `${urls.payments}/api/payments/${id}/simulate/`, { outcome }),
    refund: (id: string, body: object = { reason: "not needed" }, headers?: Headers) =>
      call("POST", `${urls.payments}/api/payments/${id}/refund/`, body, headers),
    notifications: async (): Promise<readonly { id: string; event: string; related_id: string }[]> =>
      itemsIn(await call("GET", `${urls.notifications}/api/notifications/?limit=100`)),
    call,
  };
}

/** The items of a list. @throws {Error} that says what the reply was, where it is no list. */
export function itemsIn({ status, body }: Answer) {
  if (status !== 200) throw new Error(`a list was answered with ${status} ${JSON.stringify(body)}`);
  return body.items;
}

export type Shop = ReturnType<typeof shop>;

/** What the provider says about a payment: a body and the header that signs it. */
export function providerCallback(
  secret: string,
  payment: {
    readonly amount: string;
    readonly currency: string;
    readonly checkout: { readonly reference: string };
  },
  changes: object = {},
  now = Date.now(),
): { readonly body: string; readonly headers: Headers } {
  const body = JSON.stringify({
    reference: payment.checkout.reference,
    transaction_id: `t-${randomUUID()}`,
    outcome: "success",
    amount: payment.amount,
    currency: payment.currency,
    occurred_at: new Date(now).toISOString(),
    ...changes,
  });
  return { body, headers: { "sandbox-signature": signCallback(secret, body, now) } };
}

/** Sends a callback to PaymentService. */
export function sendCallback(
  { urls, send: carry = send }: Place,
  { body, headers }: ReturnType<typeof providerCallback>,
): Promise<Answer> {
  return carry("POST", `${urls.payments}/api/payments/callback/sandbox/`, body, headers);
}

/** Waits until an order has `status`, and returns it. */
export const orderIn = (customer: Shop, id: string, status: string) =>
  until(`order ${id} is ${status}`, async () => {
    const { body } = await customer.readOrder(id);
    return body.status === status && body;
  });

/** How often each event of an order is among a user's notifications. */
export async function eventCounts(customer: Shop, orderId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { event, related_id } of await customer.notifications()) {
    if (related_id === orderId) counts[event] = (counts[event] ?? 0) + 1;
  }
  return counts;
}
