// GET /api/payments/

import { pagesOf } from "../../../lib/http/cursor.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { payments } from "../contract.ts";
import { paymentToView } from "../payment-view.ts";
import { type PaymentService, paymentService } from "../service.ts";
import { BY_USER } from "../tables.ts";

const route = payments.routes.listPayments;
type Request = Pick<HttpRequest<typeof route>, "query" | "user" | "scope">;

/** Returns a page of the caller's payments, newest first. */
export async function handle({ store, ports }: PaymentService, { query, user, scope }: Request) {
  const pages = pagesOf(ports.cursorKeys, [user.id, route.id], query);
  const page = await store.list({
    index: BY_USER,
    hash: user.id,
    descending: true,
    limit: pages.limit,
    signal: scope.signal,
    ...(pages.after === undefined ? {} : { bound: { "<": pages.after } }),
  });
  return {
    status: 200 as const,
    body: {
      items: page.items.map(paymentToView),
      next_cursor: pages.cursor(page.next),
    },
  };
}

export const handler = httpHandler(payments, route, (request) => handle(paymentService(), request));
