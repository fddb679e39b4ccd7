// POST /api/payments/

import { v7 } from "uuid";
import { live } from "../../../lib/config/live.ts";
import { DomainError, unavailable } from "../../../lib/core/domain-error.ts";
import { type Creation, creation } from "../../../lib/core/idempotency.ts";
import { iso } from "../../../lib/core/iso.ts";
import { localeOf } from "../../../lib/core/locale.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { REPLAYED } from "../../../lib/http/reply.ts";
import { leaseToWire } from "../../lease-names.ts";
import { callProvider, changePayment, providerFor } from "../command.ts";
import { payments } from "../contract.ts";
import { knowingOrder, liveAttempt, type Payment } from "../payment.ts";
import {
  beginAttempt,
  createPayment,
  LeaseSuperseded,
  replayOf,
  TOO_MANY_ATTEMPTS,
} from "../payment-attempts.ts";
import { WAIT_BEYOND_MS } from "../payment-event.ts";
import { paymentIdFor } from "../payment-store.ts";
import { paymentToView } from "../payment-view.ts";
import { errorForCaller } from "../peer-refusal.ts";
import { newReference } from "../reference.ts";
import { type PaymentService, paymentService } from "../service.ts";

const route = payments.routes.createPayment;
type Request = Pick<HttpRequest<typeof route>, "body" | "user" | "scope" | "idempotencyKey">;

/** How often a lease is requested at most, when the payment changes meanwhile. */
const ROUNDS = 4;

/** Begins a payment of an order, or returns the one that a request with the same `Idempotency-Key` began. */
export async function handle(service: PaymentService, request: Request) {
  const holder = v7({});
  let fencingSeq = 0;
  for (let round = 1; ; round += 1) {
    try {
      return await begin(service, request, { fencingSeq, holder });
    } catch (error) {
      if (!(error instanceof LeaseSuperseded) || round === ROUNDS) throw error;
      fencingSeq = error.seq;
    }
  }
}

/** Tries once, with a lease for an attempt that follows the payment's `seq` `fencingSeq`. */
async function begin(
  service: PaymentService,
  request: Request,
  { fencingSeq, holder }: { readonly fencingSeq: number; readonly holder: string },
) {
  const { body, user, scope } = request;
  const { ports } = service;
  const provider = providerFor(ports, body.method);
  const creating = creation(user.id, route.id, request.idempotencyKey, body);
  const now = ports.now();
  const id = paymentIdFor(body.order_id);
  const wanted = {
    payment_id: id,
    ...leaseToWire(iso(now + ports.lifetime + WAIT_BEYOND_MS), fencingSeq),
    holder,
  };
  const lease = await requestLease(service, request, wanted).catch(async (error: unknown) => {
    const earlier = await replayed(service, id, creating);
    if (!earlier) throw errorForCaller(error);
    return earlier;
  });
  if ("attempts" in lease) return created(lease, true);

  const { amount, currency, email, order_id, buyer_id, seller_id, changed_at } = lease;
  const expires_at = iso(now + ports.lifetime);
  const reference = newReference(id, `${creating.id}:${fencingSeq}`, now);
  const subject = `Order ${order_id}`;
  const opening = provider.open({ reference, amount, currency, expires_at, subject });
  const opened = await callProvider(scope, opening).then(
    (checkout) => ({ checkout }),
    async (error: unknown) => {
      const earlier = await replayed(service, id, creating);
      if (!earlier || !liveAttempt(earlier)) await giveLeaseBack(service, request, wanted);
      if (!earlier) throw error;
      return { earlier };
    },
  );
  if ("earlier" in opened) return created(opened.earlier, true);
  const { checkout } = opened;
  const attempt = { method: body.method, amount, reference, checkout, creation: creating, expires_at };
  const locale = localeOf(lease.locale);
  const payer = {
    user_id: buyer_id,
    buyer_email: email,
    ...(locale === undefined ? {} : { buyer_locale: locale }),
  };
  const known = changed_at === undefined ? {} : { order_changed_at: changed_at };
  const order = { order_id, ...payer, seller_id, currency, ...known };
  const payment = createPayment({ id, ...order }, attempt, now);
  if (await service.store.create(payment)) return created(payment);
  const again = await changePayment(service, id, scope, (current) => {
    const informed = knowingOrder(current, changed_at);
    const begun = beginAttempt(informed, attempt, now, fencingSeq);
    return begun === informed ? current : begun;
  }).catch(async (error: unknown) => {
    if (noneIsLive(error)) await giveLeaseBack(service, request, wanted);
    throw error;
  });
  if (!again.changed && !liveAttempt(again.state)) await giveLeaseBack(service, request, wanted);
  return created(again.state, !again.changed);
}

type Lease = ReturnType<typeof leaseToWire> & { payment_id: string; holder: string; given_back?: boolean };

/** Requests the payment lease from the order; it has the payer and the amount. */
function requestLease({ ports }: PaymentService, { body, user, scope }: Request, attempt: Lease) {
  const amount = body.amount === undefined ? {} : { amount: body.amount };
  return ports.orders.grantPaymentLease(
    { params: { id: body.order_id }, body: { ...attempt, user_id: user.id, ...amount } },
    scope,
  );
}

/** True for a refusal by the rules of attempts that says that none is live: then none can need the lease. */
const noneIsLive = (error: unknown): boolean =>
  error instanceof DomainError && error.code === TOO_MANY_ATTEMPTS;

/** Gives the lease back, so that the order does not wait for an attempt that did not begin. If that fails, it waits for the lease's end. */
async function giveLeaseBack(service: PaymentService, request: Request, lease: Lease): Promise<void> {
  try {
    await requestLease(service, request, { ...lease, given_back: true });
  } catch (error) {
    request.scope.log.warn({ err: error }, "a payment lease could not be given back; it ends by itself");
  }
}

/**
 * The payment that a request with this key began. An order that is paid meanwhile grants no lease, and a provider may not open another
 * charge, but the reply must stay the same.
 */
async function replayed(
  { store }: PaymentService,
  id: string,
  creating: Creation,
): Promise<Payment | undefined> {
  const payment = creating.keyed ? await store.read(id) : undefined;
  return payment && replayOf(payment, creating) ? payment : undefined;
}

const created = (payment: Payment, replay = false) => ({
  status: 201 as const,
  body: paymentToView(payment),
  headers: replay ? REPLAYED : {},
});

export const handler = httpHandler(payments, route, async (request) => {
  // The operator's switch for new payments: live attempts, callbacks and refunds are still processed.
  if (!live().payments_enabled) {
    throw unavailable(
      "payments_disabled",
      "New payments are not accepted at the moment; try again later.",
      60,
    );
  }
  return handle(paymentService(), request);
});
