// Table of the access tests: which user may do what with orders.

import { randomUUID } from "node:crypto";
import { type Access, nothing, type RowsOf, type Story } from "../../tests/support/access/access.ts";
import { listSeen, order, paid, params } from "../../tests/support/access/stories.ts";
import type { orders } from "./contract.ts";

const orderParams = async (story: Story) => params(await order(story));

const rows: RowsOf<typeof orders> = {
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
  grantPaymentLease: {
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
};

export const access: Access = { rows, seen: (story) => listSeen(story, "orders", "/api/orders/") };
