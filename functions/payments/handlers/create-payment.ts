// POST /api/payments/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { type Creation, creation } from "../../../lib/http/idempotency.ts";
import { REPLAYED } from "../../../lib/http/reply.ts";
import { changePayment, providerFor } from "../command.ts";
import { payments } from "../contract.ts";
import { iso, type Payment } from "../payment.ts";
import { beginAttempt, createPayment, replayOf } from "../payment-attempts.ts";
import { paymentIdFor } from "../payment-store.ts";
import { paymentToView } from "../payment-view.ts";
import { passOn } from "../peer-refusal.ts";
import { newReference } from "../reference.ts";
import { type PaymentService, paymentService } from "../service.ts";

const route = payments.routes.createPayment;
type Request = Pick<HttpRequest<typeof route>, "body" | "user" | "scope" | "idempotencyKey">;

/** Begins to pay an order, or answers with what the same `Idempotency-Key` began. */
export async function create(service: PaymentService, request: Request) {
  const { body, user } = request;
  const { ports } = service;
  const provider = providerFor(ports, body.method);
  const asked = creation(user.id, route.id, request.idempotencyKey, body);
  const now = ports.now();
  const id = paymentIdFor(body.order_id);
  const expires_at = iso(now + ports.lifetime);
  const leave = await askOrder(service, request, { payment_id: id, live_until: expires_at }).catch(
    async (error: unknown) => {
      const earlier = await replayed(service, id, asked);
      if (!earlier) throw passOn(error);
      return earlier;
    },
  );
  if ("attempts" in leave) return created(leave, true);

  const { amount, currency, email, order_id, buyer_id, seller_id } = leave;
  const reference = newReference(id, asked.id, now);
  const checkout = await provider.open({ reference, amount, currency, expires_at });
  const attempt = { method: body.method, amount, reference, checkout, asked, expires_at };
  const order = { order_id, user_id: buyer_id, buyer_email: email, seller_id, currency };
  const payment = createPayment({ id, ...order }, attempt, now);
  if (await service.store.create(payment)) return created(payment);
  const again = await changePayment(service, id, request.scope, (current) =>
    beginAttempt(current, attempt, now),
  );
  return created(again.state, !again.changed);
}

/** Asks the order for leave to be paid; it says by whom and how much. */
function askOrder(
  { ports }: PaymentService,
  { body, user, scope }: Request,
  attempt: { payment_id: string; live_until: string },
) {
  const amount = body.amount === undefined ? {} : { amount: body.amount };
  return ports.orders.openPayment(
    { params: { id: body.order_id }, body: { ...attempt, user_id: user.id, ...amount } },
    scope,
  );
}

/** The payment that a request with this key began: an order that is paid by now gives no leave, but the answer stays. */
async function replayed(
  { store }: PaymentService,
  id: string,
  asked: Creation,
): Promise<Payment | undefined> {
  const payment = asked.keyed ? await store.read(id) : undefined;
  return payment && replayOf(payment, asked) ? payment : undefined;
}

const created = (payment: Payment, replay = false) => ({
  status: 201 as const,
  body: paymentToView(payment),
  headers: replay ? REPLAYED : {},
});

export const handler = httpHandler(payments, route, (request) => create(paymentService(), request));
