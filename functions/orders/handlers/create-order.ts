// POST /api/orders/

import { checkReplay, creation } from "../../../lib/core/idempotency.ts";
import { acceptedLocale } from "../../../lib/core/locale.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { etag, REPLAYED } from "../../../lib/http/reply.ts";
import { hintAfter } from "../../../lib/outbox/hint.ts";
import { orders } from "../contract.ts";
import { createOrder, totalOf } from "../order.ts";
import { orderToView } from "../order-view.ts";
import { type OrderService, orderService } from "../service.ts";

const route = orders.routes.createOrder;

/** Creates an order, or returns the one that a request with the same `Idempotency-Key` created. */
export async function handle({ store, ports }: OrderService, request: HttpRequest<typeof route>) {
  const { body, user, scope } = request;
  const locale = user.locale ?? acceptedLocale(request.headers["accept-language"]);
  const { id, fingerprint, keyed } = creation(user.id, route.id, request.idempotencyKey, body);
  const order = createOrder(
    {
      id,
      buyer_id: user.id,
      buyer_email: user.email ?? null,
      ...(locale === undefined ? {} : { buyer_locale: locale }),
      seller_id: body.seller_id ?? null,
      customer_name: body.customer_name,
      currency: body.currency,
      lines: body.items ?? [],
      total: totalOf(body.items, body.total_amount),
      shipping: body.shipping ?? null,
      remark: body.remark ?? "",
      fingerprint,
      lifetime: ports.lifetime,
    },
    ports.now(),
  );
  const earlier = await store.createOrRead(order);
  if (!earlier) {
    await hintAfter(ports.hint, order.id, { state: order, changed: true }, scope);
    return { status: 201 as const, body: orderToView(order), headers: etag(order.revision) };
  }
  checkReplay(
    { id, fingerprint, keyed },
    { fingerprint: earlier.fingerprint, deleted: earlier.deleted_at !== null },
  );
  return {
    status: 201 as const,
    body: orderToView(earlier),
    headers: { ...etag(earlier.revision), ...REPLAYED },
  };
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
