// GET /api/payments/

import { pagesOf } from "../../../lib/http/cursor.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { payments } from "../contract.ts";
import { paymentToView } from "../payment-view.ts";
import { type PaymentService, paymentService } from "../service.ts";
import { BY_USER } from "../tables.ts";

const route = payments.routes.listPayments;
type Request = Pick<HttpRequest<typeof route>, "query" | "user">;

/** One page of the caller's payments, newest first. */
export async function handle({ store, ports }: PaymentService, { query, user }: Request) {
  const scope = [user.id, route.id];
  const pages = pagesOf(ports.cursorKey, scope, query);
  const page = await store.list({
    index: BY_USER,
    hash: user.id,
    descending: true,
    limit: pages.limit,
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
