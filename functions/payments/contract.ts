// The contract of PaymentService.

import * as z from "zod";
import { commonRoutes } from "../../lib/contract/common-routes.ts";
import { type Contract, defineRoute } from "../../lib/contract/route.ts";
import {
  amount,
  amountInput,
  currency,
  id,
  idParams,
  page,
  pageQuery,
  schema,
  text,
  timestamp,
} from "../../lib/contract/schemas.ts";
import { PAYMENT_METHODS } from "./payment-method.ts";
import { PAYMENT_STATUSES, REFUND_STATUSES } from "./payment-status.ts";

const paymentStatus = schema(() => z.enum(PAYMENT_STATUSES));

/** The payment methods. */
const paymentMethod = schema(() => z.enum(PAYMENT_METHODS));

/** The refusal of a callback, in the format of its provider. */
const callbackRefusal = {
  description: "The callback is refused, in the format of its provider, or as a problem",
  schema: () => z.object({ code: z.string(), message: z.string() }),
  texts: ["text/plain"],
} as const;

const refundView = schema(() =>
  z.object({
    id: id(),
    amount: amount(),
    reason: z.string(),
    automatic: z
      .boolean()
      .meta({ description: "True when the system refunds a capture that does not pay the order." }),
    status: z.enum(REFUND_STATUSES),
    created_at: timestamp(),
  }),
);

/** A payment as its payer and the order's seller see it. */
const paymentView = schema(() =>
  z
    .object({
      id: id(),
      order_id: id(),
      user_id: z.string(),
      method: paymentMethod(),
      amount: amount(),
      refunded_amount: amount(),
      currency: currency(),
      status: paymentStatus(),
      checkout: z.record(z.string(), z.string()).nullable().meta({
        description:
          "What the payer needs in order to pay at the provider; null when there is nothing to pay.",
      }),
      refunds: z.array(refundView()),
      history: z.array(z.object({ at: timestamp(), status: paymentStatus(), note: z.string() })),
      created_at: timestamp(),
      updated_at: timestamp(),
      expires_at: timestamp().nullable(),
    })
    .meta({ id: "Payment" }),
);

export type PaymentView = z.input<ReturnType<typeof paymentView>>;

export const payments = {
  service: "PaymentService",
  title: "Payments",
  description: "Pay orders, read payments, refund them.",
  basePath: "/api/payments",
  routes: {
    createPayment: defineRoute({
      id: "createPayment",
      countedAs: "PaymentsStarted",
      method: "POST",
      path: "/api/payments/",
      summary: "Begin a payment of an order",
      access: "user",
      body: () =>
        z
          .strictObject({
            order_id: id(),
            method: paymentMethod(),
            amount: amountInput().optional().meta({
              description: "Optional check: the payment is refused when this is not the order's total.",
            }),
          })
          .meta({ id: "NewPayment" }),
      idempotent: true,
      replies: { 201: { description: "The payment with its checkout data", schema: paymentView } },
      problems: [404, 409],
    }),
    listPayments: defineRoute({
      id: "listPayments",
      method: "GET",
      path: "/api/payments/",
      summary: "List the caller's payments, newest first",
      access: "user",
      query: () => z.strictObject({ ...pageQuery() }),
      replies: { 200: { description: "One page", schema: () => page(paymentView()) } },
      takesTurns: true,
    }),
    getPayment: defineRoute({
      id: "getPayment",
      method: "GET",
      path: "/api/payments/{id}/",
      summary: "Read one payment, as its payer or the order's seller",
      access: "user",
      params: idParams,
      replies: { 200: { description: "The payment", schema: paymentView } },
    }),
    cancelPayment: defineRoute({
      id: "cancelPayment",
      method: "POST",
      path: "/api/payments/{id}/cancel/",
      summary: "Cancel a payment that is not yet paid",
      access: "user",
      params: idParams,
      body: () =>
        z.strictObject({ reason: text(200).optional() }).meta({ examples: [{ reason: "another card" }] }),
      replies: { 200: { description: "The payment", schema: paymentView } },
      problems: [403, 409],
    }),
    refundPayment: defineRoute({
      id: "refundPayment",
      countedAs: "RefundsAsked",
      method: "POST",
      path: "/api/payments/{id}/refund/",
      summary:
        "Refund a payment in full or in part, as the seller or with the scope `refund` (with DEBUG also as the buyer)",
      access: "user",
      params: idParams,
      body: () =>
        z
          .strictObject({ amount: amountInput().optional(), reason: text(200) })
          .meta({ override: { examples: [{ amount: "50.00", reason: "damaged" }, { reason: "returned" }] } }),
      idempotent: true,
      replies: { 201: { description: "The payment with the refund", schema: paymentView } },
      problems: [403, 409, 410],
    }),
    callback: defineRoute({
      id: "callback",
      countedAs: "CallbacksTaken",
      method: "POST",
      path: "/api/payments/callback/{method}/",
      summary: "Receive a callback about a payment, signed by its provider",
      access: "signed",
      params: () => z.object({ method: paymentMethod() }),
      replies: {
        200: {
          description: "The callback is accepted, in the format of its provider",
          schema: () => z.object({ status: z.literal("ok") }),
          texts: ["text/plain"],
        },
        204: { description: "The callback is accepted, for a provider that expects no content" },
        400: callbackRefusal,
        401: callbackRefusal,
        404: callbackRefusal,
        409: callbackRefusal,
      },
      problems: [401, 409, 413],
    }),
    simulate: defineRoute({
      id: "simulate",
      method: "POST",
      path: "/api/payments/{id}/simulate/",
      summary: "Make the sandbox provider decide; it then sends its signed callback until that is accepted",
      access: "user",
      debugOnly: true,
      params: idParams,
      body: () => z.strictObject({ outcome: z.enum(["success", "failure"]) }),
      replies: {
        202: {
          description: "The provider has decided",
          schema: () => z.object({ payment_id: id(), outcome: z.enum(["success", "failure"]) }),
        },
      },
      problems: [403, 409],
    }),
    ...commonRoutes,
  },
} satisfies Contract;
