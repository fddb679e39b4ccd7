// The part of NotificationService's contract that is about webhooks. On AWS one function serves all of it.

import * as z from "zod";
import { defineRoute } from "../../../lib/contract/route.ts";
import { id, idParams, schema, timestamp } from "../../../lib/contract/schemas.ts";
import { EVENTS } from "../../events.ts";

const FUNCTION = "webhooks";
const PATH = "/api/notifications/webhooks/";

const url = schema(() =>
  z
    .string()
    .max(2_048)
    .regex(/^https?:\/\/[^\s]+$/, "must be an https URL")
    .meta({
      description: "Where messages are sent: https, of the public internet; with `DEBUG` anywhere.",
      examples: ["https://shop.example/hooks/orders"],
    }),
);

const events = schema(() =>
  z
    .array(z.enum(EVENTS))
    .min(1)
    .max(EVENTS.length)
    .refine((names) => new Set(names).size === names.length, "must not name an event twice")
    .meta({ description: "The events of which it is told.", override: { uniqueItems: true } }),
);

const settings = schema(() => ({ url: url(), events: events(), enabled: z.boolean().default(true) }));

const secret = schema(() =>
  z
    .string()
    .meta({ description: "Shown this once; it verifies `webhook-signature`.", examples: ["whsec_…"] }),
);

const webhook = schema(() => ({
  id: id(),
  url: z.string(),
  events: z.array(z.enum(EVENTS)),
  orders: z.enum(["own", "all"]),
  enabled: z.boolean(),
  disabled: z
    .object({ reason: z.enum(["by_owner", "gone"]), at: timestamp() })
    .nullable()
    .meta({ description: "`gone`: it answered 410." }),
  failures_in_a_row: z.int().min(0),
  paused_until: timestamp().nullable().meta({
    description:
      "Until then nothing is tried, since several attempts in a row have failed, or it asked for that (`Retry-After`).",
  }),
  former_secret_until: timestamp()
    .nullable()
    .meta({ description: "Until then messages are signed with the former secret, too." }),
  created_at: timestamp(),
}));

const webhookView = schema(() => z.object(webhook()).meta({ id: "Webhook" }));

export type WebhookView = z.input<ReturnType<typeof webhookView>>;

const attemptView = schema(() =>
  z
    .object({
      message_id: z.string().meta({ description: "The header `webhook-id`, the same in every attempt." }),
      type: z.string().meta({ examples: ["order.paid"] }),
      order_id: z.string().nullable().meta({ description: "Null for a test." }),
      at: timestamp(),
      duration_ms: z.int().min(0),
      accepted: z.boolean(),
      status: z.int().nullable().meta({ description: "Of the reply; null when there was none." }),
      reason: z
        .string()
        .nullable()
        .meta({ description: "Why there was no reply.", examples: ["timeout"] }),
      reply: z.string().meta({ description: "The first 1,024 bytes of the reply." }),
    })
    .meta({ id: "WebhookAttempt" }),
);

export type AttemptView = z.input<ReturnType<typeof attemptView>>;

const own = { access: "user", function: FUNCTION } as const;
const path = (rest = ""): string => `${PATH}{id}/${rest}`;

export const webhookRoutes = {
  listWebhooks: defineRoute({
    ...own,
    id: "listWebhooks",
    method: "GET",
    path: PATH,
    summary: "The caller's webhooks; with the scope `webhooks` also those for all orders",
    replies: {
      200: {
        description: "Up to ten of their own and, with the scope `webhooks`, up to ten for all orders",
        schema: () => z.object({ items: z.array(webhookView()) }),
      },
    },
  }),
  createWebhook: defineRoute({
    ...own,
    id: "createWebhook",
    method: "POST",
    path: PATH,
    summary: "Register a webhook for the events of the caller's orders as seller, or of all orders",
    body: () =>
      z
        .strictObject({
          ...settings(),
          orders: z.enum(["own", "all"]).default("own").meta({
            description: "`own` needs the scope `sell`, `all` the scope `webhooks`.",
          }),
        })
        .meta({ id: "NewWebhook" }),
    replies: {
      201: {
        description: "The webhook, with its secret",
        schema: () =>
          z
            .object({
              ...webhook(),
              secret: secret()
                .nullable()
                .meta({
                  description:
                    "Shown in this reply, and in those to the same request with the same `Idempotency-Key` until it is changed: null then. It verifies `webhook-signature`.",
                  examples: ["whsec_…"],
                }),
            })
            .meta({ id: "WebhookWithSecret" }),
      },
    },
    idempotent: true,
    problems: [403, 409, 410],
  }),
  getWebhook: defineRoute({
    ...own,
    id: "getWebhook",
    method: "GET",
    path: path(),
    summary: "One webhook",
    params: idParams,
    replies: { 200: { description: "The webhook", schema: webhookView } },
  }),
  updateWebhook: defineRoute({
    ...own,
    id: "updateWebhook",
    method: "PUT",
    path: path(),
    summary: "Change its URL and events, switch it off or on again",
    params: idParams,
    body: () => z.strictObject(settings()).meta({ id: "WebhookSettings" }),
    replies: { 200: { description: "The webhook", schema: webhookView } },
  }),
  deleteWebhook: defineRoute({
    ...own,
    id: "deleteWebhook",
    method: "DELETE",
    path: path(),
    summary: "Delete it, with what is not sent yet",
    params: idParams,
    replies: { 204: { description: "Deleted" } },
  }),
  rotateWebhookSecret: defineRoute({
    ...own,
    id: "rotateWebhookSecret",
    method: "POST",
    path: path("secret/"),
    summary: "Give it another secret; for a day messages are signed with the former one, too",
    params: idParams,
    body: () => z.strictObject({}),
    replies: {
      200: {
        description: "The new secret",
        schema: () => z.object({ secret: secret(), former_secret_until: timestamp() }),
      },
    },
    idempotent: true,
    problems: [409],
  }),
  tryWebhook: defineRoute({
    ...own,
    id: "tryWebhook",
    method: "POST",
    path: path("test/"),
    summary: "Send it a message of the type `webhook.test` now",
    params: idParams,
    body: () => z.strictObject({}),
    replies: { 200: { description: "What came of it", schema: attemptView } },
    problems: [429],
  }),
  listWebhookAttempts: defineRoute({
    ...own,
    id: "listWebhookAttempts",
    method: "GET",
    path: path("attempts/"),
    summary: "The last attempts to deliver to it, the latest first",
    params: idParams,
    replies: {
      200: { description: "Up to 100 attempts", schema: () => z.object({ items: z.array(attemptView()) }) },
    },
  }),
  retryWebhook: defineRoute({
    ...own,
    id: "retryWebhook",
    method: "POST",
    path: path("retry/"),
    summary: "Send one message of the log again, or all that were not accepted since a time",
    params: idParams,
    body: () =>
      z
        .union([
          z.strictObject({ message_id: z.string().max(100) }),
          z.strictObject({
            since: timestamp().meta({
              description: "Of events from this time on.",
              examples: ["2026-11-01T12:00:00.000Z"],
            }),
          }),
        ])
        .meta({ id: "WebhookRetry" }),
    replies: {
      200: {
        description: "They are sent in a moment; `continue_since` is set when there are more",
        schema: () => z.object({ retried: z.int().min(0), continue_since: timestamp().nullable() }),
      },
    },
    problems: [409],
  }),
};
