// GET /api/payments/{id}/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { payments } from "../contract.ts";
import { visibleTo } from "../payment.ts";
import { paymentToView } from "../payment-view.ts";
import { type PaymentService, paymentService } from "../service.ts";

const route = payments.routes.getPayment;
type Request = Pick<HttpRequest<typeof route>, "params" | "user">;

/** Returns the payment to its payer or the order's seller. */
export async function handle({ store }: PaymentService, { params, user }: Request) {
  const payment = visibleTo(await store.read(params.id), user);
  return { status: 200 as const, body: paymentToView(payment) };
}

export const handler = httpHandler(payments, route, (request) => handle(paymentService(), request));
