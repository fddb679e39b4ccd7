// Who may do what with payments.

import { type Access, nothing, type RowsOf } from "../../tests/support/access/access.ts";
import { listSeen, order, paid, params, payment } from "../../tests/support/access/stories.ts";
import { SANDBOX_SECRET } from "../../tests/support/in-process.ts";
import { providerCallback } from "../../tests/support/shop.ts";
import type { payments } from "./contract.ts";

const rows: RowsOf<typeof payments> = {
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
    prepare: async (story) => ({ ...params(await paid(story)), body: { reason: "damaged" } }),
    people: { buyer: 403, seller: 201, stranger: 404 },
    debug: { buyer: 201, seller: 201, stranger: 404 },
  },
  callback: {
    // Without a signature it proves nothing. With one: see owasp.test.ts.
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
};

export const access: Access = { rows, seen: (story) => listSeen(story, "payments", "/api/payments/") };
