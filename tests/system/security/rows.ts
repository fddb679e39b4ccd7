// One row for each route: how to ask for it, and what buyer, seller and a stranger are answered when all else is right.

import { randomUUID } from "node:crypto";
import type { notifications } from "../../../functions/notifications/contract.ts";
import type { orders } from "../../../functions/orders/contract.ts";
import type { payments } from "../../../functions/payments/contract.ts";
import { SANDBOX_SECRET } from "../../support/in-process.ts";
import {
  type Headers,
  orderIn,
  providerCallback,
  send,
  sendCallback,
  shop,
  type Urls,
} from "../../support/shop.ts";
import { as, type People } from "./callers.ts";

/** One request, but for the credentials. */
export interface Asked {
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Headers;
}

export interface Story {
  readonly urls: Urls;
  readonly people: People;
}

export interface Row {
  /** Makes what the request is about, anew at each call. */
  prepare(story: Story): Asked | Promise<Asked>;
  /** Status for each of the three with a valid token; one number: all the same. */
  readonly people?: number | { readonly buyer: number; readonly seller: number; readonly stranger: number };
  /** The same with `DEBUG=True`, where it differs. */
  readonly debug?: Row["people"];
  /** Status for a peer. */
  readonly service?: number;
  /** Status for whoever asks, whatever they carry. */
  readonly anyone?: number;
}

const customer = async ({ urls, people }: Story) => shop(urls, people.buyer, await as(people.buyer));
const nothing = () => ({});

/** A pending order of the buyer's with the seller. */
async function order(story: Story) {
  const { body } = await (await customer(story)).order({
    customer_name: "张三",
    total_amount: 100,
    seller_id: story.people.seller,
  });
  return body;
}

const params = (of: { id: string }) => ({ params: { id: of.id } });
const orderParams = async (story: Story) => params(await order(story));

/** A payment of such an order that waits for its payer. */
async function payment(story: Story) {
  const { id } = await order(story);
  return (await (await customer(story)).pay(id)).body;
}

/** One that is paid. */
async function paid(story: Story) {
  const made = await payment(story);
  await sendCallback(story.urls, providerCallback(SANDBOX_SECRET, made));
  await orderIn(await customer(story), made.order_id, "paid");
  return made;
}

/** A notification that the buyer sent to themselves. */
async function notification({ urls, people }: Story) {
  const body = { title: "note", content: "to myself" };
  return (await send("POST", `${urls.notifications}/api/notifications/`, body, await as(people.buyer))).body;
}

const common = {
  health: { prepare: nothing, anyone: 200 },
  openapi: { prepare: nothing, anyone: 200 },
  docs: { prepare: nothing, anyone: 200 },
  docsAsset: { prepare: () => ({ params: { asset: "start.js" } }), anyone: 200 },
} satisfies Record<string, Row>;

const orderRows = {
  createOrder: { prepare: () => ({ body: { customer_name: "张三", total_amount: 1 } }), people: 201 },
  listOrders: { prepare: nothing, people: 200 },
  orderStats: { prepare: nothing, people: 200 },
  getOrder: { prepare: orderParams, people: { buyer: 200, seller: 200, stranger: 404 } },
  updateOrder: {
    prepare: async (story) => ({ ...(await orderParams(story)), body: { remark: "mine" } }),
    people: { buyer: 200, seller: 403, stranger: 404 },
  },
  deleteOrder: { prepare: orderParams, people: { buyer: 204, seller: 403, stranger: 404 } },
  cancelOrder: {
    prepare: async (story) => ({ ...(await orderParams(story)), body: {} }),
    people: { buyer: 200, seller: 200, stranger: 404 },
  },
  completeOrder: {
    prepare: async (story) => ({ params: { id: (await paid(story)).order_id }, body: {} }),
    people: { buyer: 200, seller: 200, stranger: 404 },
  },
  discover: { prepare: () => ({ params: { service: "payment" } }), people: 200 },
  readInternal: { prepare: orderParams, service: 200 },
  openPayment: {
    prepare: async (story) => ({
      ...(await orderParams(story)),
      body: {
        payment_id: randomUUID(),
        user_id: story.people.buyer,
        live_until: new Date(Date.now() + 60_000).toISOString(),
      },
    }),
    service: 200,
  },
  applyPaymentEvent: {
    prepare: async (story) => {
      const { id } = await order(story);
      const money = { captured_amount: 10_000, refunded_amount: 0, currency: "CNY" };
      return { params: { id }, body: { payment_id: id, seq: 1, attempt: 1, state: "captured", ...money } };
    },
    service: 200,
  },
  ...common,
} satisfies Record<keyof typeof orders.routes, Row>;

const paymentRows = {
  createPayment: {
    prepare: async (story) => ({ body: { order_id: (await order(story)).id, method: "sandbox" } }),
    people: { buyer: 201, seller: 404, stranger: 404 },
  },
  listPayments: { prepare: nothing, people: 200 },
  getPayment: {
    prepare: async (story) => params(await payment(story)),
    people: { buyer: 200, seller: 200, stranger: 404 },
  },
  cancelPayment: {
    prepare: async (story) => ({ ...params(await payment(story)), body: {} }),
    people: { buyer: 200, seller: 403, stranger: 404 },
  },
  refundPayment: {
    prepare: async (story) => ({ ...params(await paid(story)), body: { reason: "give it back" } }),
    people: { buyer: 403, seller: 201, stranger: 404 },
    debug: { buyer: 201, seller: 201, stranger: 404 },
  },
  callback: {
    // Without a signature: nobody's word. With one: see owasp.test.ts.
    prepare: async (story) => {
      const { body } = providerCallback(SANDBOX_SECRET, await payment(story));
      return { params: { method: "sandbox" }, body };
    },
    anyone: 401,
  },
  simulate: {
    prepare: async (story) => ({ ...params(await payment(story)), body: { outcome: "success" } }),
    people: 404,
    debug: { buyer: 202, seller: 403, stranger: 404 },
  },
  ...common,
} satisfies Record<keyof typeof payments.routes, Row>;

const notificationRows = {
  sendNotification: { prepare: () => ({ body: { title: "t", content: "c" } }), people: 201 },
  listNotifications: { prepare: nothing, people: 200 },
  unreadCount: { prepare: nothing, people: 200 },
  readAll: { prepare: () => ({ body: {} }), people: 200 },
  getNotification: {
    prepare: async (story) => params(await notification(story)),
    people: { buyer: 200, seller: 404, stranger: 404 },
  },
  readNotification: {
    prepare: async (story) => ({ ...params(await notification(story)), body: {} }),
    people: { buyer: 200, seller: 404, stranger: 404 },
  },
  deleteNotification: {
    prepare: async (story) => params(await notification(story)),
    people: { buyer: 204, seller: 404, stranger: 404 },
  },
  recordEvent: {
    prepare: ({ people }) => ({
      body: {
        event_id: randomUUID(),
        event: "order.paid",
        occurred_at: new Date().toISOString(),
        related_id: randomUUID(),
        data: { total_amount: "1.00", currency: "CNY" },
        parties: [{ user_id: people.stranger, role: "buyer", email: null }],
      },
    }),
    service: 200,
  },
  ...common,
} satisfies Record<keyof typeof notifications.routes, Row>;

/** Rows by the key of the service, then by the route's id. */
export const ROWS: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  orders: orderRows,
  payments: paymentRows,
  notifications: notificationRows,
};
