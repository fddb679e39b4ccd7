// The contract of OrderService.

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
  userId,
} from "../../lib/contract/schemas.ts";
import { ROLES } from "../events.ts";
import { ORDER_STATUSES } from "./order-status.ts";

const orderStatus = schema(() => z.enum(ORDER_STATUSES));

/** Most lines an order may have. */
export const MAX_LINES = 100;

const shippingInput = schema(() =>
  z.strictObject({
    name: text(100),
    phone: text(40),
    address: text(500),
    postal_code: text(20, 0).default(""),
  }),
);

const lineInput = schema(() =>
  z.strictObject({
    product_id: text(100),
    name: text(200),
    unit_price: amountInput(),
    quantity: z.int().min(1).max(10_000),
  }),
);

const editable = schema(() => ({
  customer_name: text(100),
  shipping: shippingInput().optional(),
  remark: text(500, 0).optional(),
}));

const createBody = schema(() =>
  z
    .strictObject({
      ...editable(),
      items: z
        .array(lineInput())
        .min(1)
        .max(MAX_LINES)
        .optional()
        .meta({ description: "The total is the sum of the items." }),
      total_amount: amountInput().optional().meta({ description: "For an order without items." }),
      currency: z.enum(["CNY", "USD", "EUR"]).default("CNY"),
      seller_id: userId().optional().meta({
        description:
          "The seller, who must not be the buyer. Sellers see and change the order with a token that has the scope `sell`.",
      }),
      status: z.literal("pending").optional().meta({ description: "A new order is always pending." }),
    })
    .meta({
      id: "NewOrder",
      description: "Give `items` or `total_amount`; if you give both, they must agree.",
      // zod leaves out the examples of what it transforms.
      override: {
        examples: [
          {
            customer_name: "张三",
            seller_id: "sam",
            items: [{ product_id: "tea-1", name: "Green tea, 100 g", unit_price: "29.90", quantity: 2 }],
            shipping: { name: "张三", phone: "+86 10 5555 0100", address: "1 Example Road, Beijing" },
            remark: "Please ring twice.",
          },
          { customer_name: "张三", total_amount: 299.99, seller_id: "sam" },
        ],
      },
    }),
);

const updateBody = schema(() =>
  z
    .strictObject({
      customer_name: editable().customer_name.optional(),
      shipping: editable().shipping,
      remark: editable().remark,
      items: z.array(lineInput()).min(1).max(MAX_LINES).optional(),
      total_amount: amountInput().optional(),
      status: orderStatus().optional().meta({
        description:
          "`cancelled` or `completed`, under the rules of those routes; the present status is accepted and changes nothing.",
      }),
    })
    .meta({
      id: "OrderChange",
      description: "Fields that are left out do not change.",
      override: {
        examples: [{ customer_name: "李四", remark: "Please ring once." }, { status: "cancelled" }],
      },
    }),
);

/** An order as its buyer and seller see it. */
export const orderView = schema(() =>
  z
    .object({
      id: id(),
      status: orderStatus(),
      customer_name: z.string(),
      buyer_id: z.string(),
      seller_id: z.string().nullable(),
      currency: currency(),
      total_amount: amount(),
      items: z.array(
        z.object({
          product_id: z.string(),
          name: z.string(),
          unit_price: amount(),
          quantity: z.int(),
          line_total: amount(),
        }),
      ),
      shipping: z
        .object({ name: z.string(), phone: z.string(), address: z.string(), postal_code: z.string() })
        .nullable(),
      remark: z.string(),
      cancel_reason: z.string().nullable(),
      payment_id: z.string().nullable(),
      history: z.array(z.object({ at: timestamp(), status: orderStatus(), note: z.string() })),
      version: z
        .int()
        .meta({ description: "The revision: counts the changes that users can see; also the ETag." }),
      created_at: timestamp(),
      updated_at: timestamp(),
      paid_at: timestamp().nullable(),
      expires_at: timestamp().nullable(),
    })
    .meta({ id: "Order" }),
);

export type OrderView = z.input<ReturnType<typeof orderView>>;

const listQuery = schema(() =>
  z.strictObject({
    role: z.enum(ROLES).default("buyer"),
    status: orderStatus().optional(),
    sort: z.enum(["created_at", "-created_at", "total_amount", "-total_amount"]).default("-created_at"),
    ...pageQuery(),
  }),
);

const statusTotals = schema(() =>
  z.object({
    count: z.int(),
    total_amount: amount(),
    capped: z.boolean().meta({
      description: "True when not all orders of this status were counted, but only the newest.",
    }),
  }),
);

const coverage = schema(() =>
  z
    .object({
      orders: z
        .int()
        .meta({ description: "How many orders of this status were counted; the newest are counted first." }),
      complete: z.boolean().meta({
        description:
          "False when there are more: at most 1,000 per status are counted, fewer if the orders are large. A currency that only uncounted orders have is missing.",
      }),
    })
    .meta({ id: "Coverage" }),
);

const serviceName = schema(() =>
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,40}$/)
    .meta({
      description: "A service of this system, such as `payment` for PaymentService.",
      examples: ["payment"],
    }),
);

/** What discovery knows about a service. Addresses are included for operators, and with `DEBUG=True` for everybody. */
const discovery = schema(() =>
  z.object({
    service: z.string(),
    available: z.boolean().meta({ description: "Whether a call would find an instance now." }),
    known_instances: z.int(),
    usable_instances: z.int().meta({ description: "Healthy, enabled and not ejected." }),
    chosen: z
      .object({ host: z.string(), port: z.int(), url: z.string() })
      .nullable()
      .optional()
      .meta({ description: "Where the next call would go. Needs the scope `operate`." }),
    instances: z
      .array(
        z.object({
          host: z.string(),
          port: z.int(),
          weight: z.number(),
          healthy: z.boolean(),
          enabled: z.boolean(),
          ejected: z.boolean(),
          in_flight: z.int(),
          latency_ms: z.number().nullable(),
          source: z.enum(["registry", "snapshot", "static"]),
          age_ms: z.number(),
          metadata: z.record(z.string(), z.string()),
        }),
      )
      .readonly()
      .optional()
      .meta({ description: "Needs the scope `operate`." }),
  }),
);

/**
 * The state of a payment as PaymentService sends it to the order: cumulative, so only the highest `seq` counts. Unknown
 * fields are ignored: during a rolling deploy a peer may be one version ahead.
 */
const orderChangedAt = () =>
  timestamp().optional().meta({
    description:
      "When the order last changed: what its payment does after it is later. Earlier versions do not send it.",
  });

const paymentEvent = schema(() =>
  z.object({
    payment_id: id(),
    seq: z.int().min(1),
    changed_at: timestamp().optional().meta({
      description:
        "When the payment last changed: what the order does because of it is later. Earlier versions do not send it.",
    }),
    /** The attempt that pays the order, if one is captured. */
    attempt: z.int().min(1).nullable(),
    state: z.enum(["open", "captured", "ended"]),
    live_until: timestamp().optional().meta({
      description: "With `open`: the attempt lasts until then, longer than its lease.",
    }),
    captured_amount: z.int().min(0).meta({ description: "Captured by this attempt, in minor units." }),
    refunded_amount: z.int().min(0).meta({ description: "Refunded of this attempt, in minor units." }),
    currency: z.string(),
  }),
);

export const orders = {
  service: "OrderService",
  title: "Orders",
  description: "Create, read, change, cancel and complete orders.",
  basePath: "/api/orders",
  routes: {
    createOrder: defineRoute({
      id: "createOrder",
      countedAs: "OrdersCreated",
      method: "POST",
      path: "/api/orders/",
      summary: "Create an order",
      access: "user",
      body: createBody,
      idempotent: true,
      replies: { 201: { description: "The order", schema: orderView } },
      problems: [410],
    }),
    listOrders: defineRoute({
      id: "listOrders",
      method: "GET",
      path: "/api/orders/",
      summary: "List the caller's orders, as buyer, or with the scope `sell` as seller",
      access: "user",
      query: listQuery,
      replies: { 200: { description: "One page", schema: () => page(orderView()) } },
      takesTurns: true,
      problems: [403],
    }),
    orderStats: defineRoute({
      id: "orderStats",
      method: "GET",
      path: "/api/orders/stats/",
      summary: "Count and sum up the caller's orders per status and currency",
      access: "user",
      query: () => z.strictObject({ role: z.enum(ROLES).default("buyer") }),
      replies: {
        200: {
          description: "One entry per status",
          schema: () =>
            z.object({
              role: z.enum(ROLES),
              by_status: z.record(z.string(), z.record(z.string(), statusTotals())),
              coverage: z.record(z.string(), coverage()),
            }),
        },
      },
      problems: [403],
    }),
    getOrder: defineRoute({
      id: "getOrder",
      method: "GET",
      path: "/api/orders/{id}/",
      summary: "Read one order, as its buyer, or with the scope `sell` as its seller",
      access: "user",
      params: idParams,
      versioned: true,
      replies: {
        200: { description: "The order", schema: orderView },
        304: { description: "The order still has the revision that `If-None-Match` names" },
      },
      problems: [412],
    }),
    updateOrder: defineRoute({
      id: "updateOrder",
      method: "PUT",
      path: "/api/orders/{id}/",
      summary: "Edit a pending order",
      access: "user",
      params: idParams,
      body: updateBody,
      versioned: true,
      replies: { 200: { description: "The changed order", schema: orderView } },
      problems: [403, 409, 412],
    }),
    deleteOrder: defineRoute({
      id: "deleteOrder",
      method: "DELETE",
      path: "/api/orders/{id}/",
      summary: "Cancel and hide a pending or cancelled order",
      access: "user",
      params: idParams,
      versioned: true,
      replies: { 204: { description: "Deleted" } },
      problems: [403, 409, 412],
    }),
    cancelOrder: defineRoute({
      id: "cancelOrder",
      countedAs: "OrdersCancelled",
      method: "POST",
      path: "/api/orders/{id}/cancel/",
      summary: "Cancel a pending order",
      access: "user",
      params: idParams,
      body: () =>
        z.strictObject({ reason: text(200).optional() }).meta({ examples: [{ reason: "ordered twice" }] }),
      versioned: true,
      replies: { 200: { description: "The cancelled order", schema: orderView } },
      problems: [409, 412],
    }),
    completeOrder: defineRoute({
      id: "completeOrder",
      countedAs: "OrdersCompleted",
      method: "POST",
      path: "/api/orders/{id}/complete/",
      summary: "Complete a paid order",
      access: "user",
      params: idParams,
      body: () => z.strictObject({}),
      versioned: true,
      replies: { 200: { description: "The completed order", schema: orderView } },
      problems: [409, 412],
    }),
    discover: defineRoute({
      id: "discover",
      method: "GET",
      path: "/api/orders/discover/{service}/",
      summary: "Show what discovery knows about a service",
      access: "user",
      params: () => z.object({ service: serviceName() }),
      replies: { 200: { description: "The chosen instance and all known ones", schema: discovery } },
    }),
    readInternal: defineRoute({
      id: "readInternal",
      method: "GET",
      path: "/internal/orders/{id}/",
      summary: "Read an order, as a peer",
      access: "service",
      callers: ["PaymentService"],
      params: idParams,
      replies: { 200: { description: "The order", schema: orderView } },
    }),
    grantPaymentLease: defineRoute({
      id: "grantPaymentLease",
      method: "POST",
      path: "/internal/orders/{id}/payment-attempts/",
      summary:
        "Request the payment lease, or give it back: until `live_until` the order does not expire and its money fields do not change",
      access: "service",
      callers: ["PaymentService"],
      params: idParams,
      body: () =>
        z.object({
          payment_id: id(),
          user_id: userId(),
          amount: z
            .int()
            .min(1)
            .optional()
            .meta({ description: "The amount that the payer expects to pay, in minor units." }),
          live_until: timestamp(),
          seen_seq: z.int().min(0).optional().meta({
            description:
              "Fencing: the `seq` of the payment that the new attempt follows; events up to it do not end this lease.",
          }),
          holder: z.string().min(1).max(64).optional().meta({
            description:
              "Names this request, which may give its lease back. Earlier versions do not send it.",
          }),
          given_back: z.boolean().optional().meta({
            description:
              "True: the attempt did not begin. The lease of this holder ends, unless others rely on it; none is granted.",
          }),
        }),
      replies: {
        200: {
          description: "The lease is granted",
          schema: () =>
            z.object({
              order_id: id(),
              buyer_id: z.string(),
              seller_id: z.string().nullable(),
              amount: z.int(),
              currency: currency(),
              email: z.string().nullable(),
              changed_at: orderChangedAt(),
              locale: z.string().optional().meta({ description: "The language in which it was placed." }),
            }),
        },
      },
      problems: [409, 422],
    }),
    applyPaymentEvent: defineRoute({
      id: "applyPaymentEvent",
      method: "POST",
      path: "/internal/orders/{id}/payment-events/",
      summary: "Send the order the state of its payment",
      access: "service",
      callers: ["PaymentService"],
      params: idParams,
      body: paymentEvent,
      replies: {
        200: {
          description:
            "`accepted`: the capture pays the order, or there is none; `refund`: it has to be refunded in full",
          schema: () =>
            z.object({
              verdict: z.enum(["accepted", "refund"]),
              reason: z.string(),
              changed_at: orderChangedAt(),
            }),
        },
      },
    }),
    ...commonRoutes,
  },
} satisfies Contract;
