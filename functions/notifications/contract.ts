// The contract of NotificationService.

import * as z from "zod";
import { commonRoutes } from "../../lib/contract/common-routes.ts";
import { type Contract, defineRoute } from "../../lib/contract/route.ts";
import {
  id,
  idParams,
  page,
  pageQuery,
  schema,
  text,
  timestamp,
  userId,
} from "../../lib/contract/schemas.ts";
import { LOCALES } from "../../lib/core/locales.ts";
import { forPeers } from "./peer-contract.ts";
import type { Topic } from "./topics.ts";
import { webhookRoutes } from "./webhooks/contract.ts";

const notificationType = schema(() => z.enum(["transaction", "system", "promotion"]));

/** Channels of a notification; `in_app` is always one of them, unless its user has switched it off. */
const channel = schema(() => z.enum(["in_app", "email", "push"]));

/** Channels of what concerns money: it is always shown in the application. */
const ofMoney = schema(() =>
  z
    .strictObject({
      in_app: z.literal(true, "can't be switched off for what concerns money").optional(),
      email: z.boolean().optional(),
      push: z.boolean().optional(),
    })
    .optional(),
);

const switchable = schema(() =>
  z
    .strictObject({
      in_app: z.boolean().optional(),
      email: z.boolean().optional(),
      push: z.boolean().optional(),
    })
    .optional(),
);

const newPreferences = schema(() =>
  z
    .strictObject({
      locale: z
        .enum(LOCALES)
        .nullish()
        .meta({ description: "The language of notifications; null: that of the token or the order." }),
      events: z
        .strictObject({
          "order.created": ofMoney(),
          "order.paid": ofMoney(),
          "order.cancelled": ofMoney(),
          "order.completed": ofMoney(),
          "payment.failed": ofMoney(),
          "payment.refunded": ofMoney(),
          message: switchable(),
          promotion: switchable(),
        } satisfies Record<Topic, z.ZodType>)
        .optional(),
    })
    .refine(({ locale, events }) => locale !== undefined || events !== undefined, {
      error: 'must have `locale` or `events`; `{"events":{}}` sets all to the default',
    })
    .meta({
      id: "NewNotificationPreferences",
      description: 'Has `locale` or `events` at least; `{"events":{}}` sets all to the default.',
      override: { minProperties: 1 },
    }),
);

const preferencesView = schema(() =>
  z
    .object({
      locale: z.enum(LOCALES).nullable(),
      events: z
        .record(z.string(), z.object({ in_app: z.boolean(), email: z.boolean(), push: z.boolean() }))
        .meta({ description: "By event, `message` and `promotion`: whether each channel is used." }),
    })
    .meta({ id: "NotificationPreferences" }),
);

export type PreferencesView = z.input<ReturnType<typeof preferencesView>>;

/** Other parameters are ignored: mail programs and proxies add their own. */
const unsubscribeQuery = schema(() =>
  z.object({
    token: z.string().max(2_000).default("").meta({ description: "From the link in a mail." }),
  }),
);

/** A notification as its user sees it. */
export const notificationView = schema(() =>
  z
    .object({
      id: id(),
      user_id: z.string(),
      type: notificationType(),
      event: z.string().meta({ examples: ["order.paid"] }),
      title: z.string(),
      content: z.string(),
      locale: z.enum(LOCALES).nullable().meta({
        description:
          "The language of an event's `title` and `content`: the reader's own. Null for a text as its sender wrote it.",
      }),
      related_id: z.string().nullable(),
      channels: z.record(z.string(), z.enum(["pending", "sent", "delivered", "unreachable"])).meta({
        description:
          "Status per channel. A mail is `sent` once a mail server has accepted it. A push is `delivered` to a live connection, or " +
          "`sent` once a browser's push service has accepted it.",
        examples: [{ in_app: "delivered", email: "sent" }],
      }),
      read: z.boolean(),
      read_at: timestamp()
        .nullable()
        .meta({ description: "Also null when it was marked as read by read-all only." }),
      created_at: timestamp(),
    })
    .meta({ id: "Notification" }),
);

export type NotificationView = z.input<ReturnType<typeof notificationView>>;

const position = schema(() =>
  z.int().min(0).meta({ description: "A position in the user's feed: 1, 2, 3, … without a gap." }),
);

const vapidPublicKey = schema(() =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]{87}$/, "must be an uncompressed point of P-256 as base64url")
    .meta({ description: "A VAPID key (RFC 8292), for `applicationServerKey`." }),
);

/** The end of the year 9999, in epoch milliseconds: RFC 3339 writes no later time. */
const MOST_MS = 253_402_300_799_999;

/** A browser's `PushSubscription.toJSON()`; members that later browsers add are ignored. */
const newSubscription = schema(() =>
  z
    .object({
      endpoint: z
        .string()
        .max(2_048)
        .regex(/^https:\/\/[^\s]+$/, "must be an https URL")
        .meta({ description: "The URL of the push service." }),
      expirationTime: z.number().min(0).max(MOST_MS).nullish().meta({ description: "Epoch milliseconds." }),
      keys: z.object({
        p256dh: z
          .string()
          .regex(/^[A-Za-z0-9_-]{87}=?$/, "must be an uncompressed point of P-256 as base64url"),
        auth: z.string().regex(/^[A-Za-z0-9_-]{22}(==)?$/, "must be 16 bytes as base64url"),
      }),
      vapid_public_key: vapidPublicKey()
        .optional()
        .meta({ description: "The key with which the browser was subscribed; by default the current one." }),
    })
    .meta({ id: "NewPushSubscription" }),
);

const subscriptionView = schema(() =>
  z
    .object({
      id: id(),
      push_service: z.string().meta({ examples: ["https://fcm.googleapis.com"] }),
      vapid_public_key: vapidPublicKey(),
      created_at: timestamp(),
      expires_at: timestamp().nullable(),
    })
    .meta({ id: "PushSubscription" }),
);

export type SubscriptionView = z.input<ReturnType<typeof subscriptionView>>;

export const notifications = {
  ...forPeers,
  routes: {
    sendNotification: defineRoute({
      id: "sendNotification",
      method: "POST",
      path: "/api/notifications/",
      summary: "Send a notification to yourself, or with the scope `notify` to any user",
      access: "user",
      body: () =>
        z
          .strictObject({
            user_id: userId().optional().meta({ description: "Default: the caller." }),
            type: notificationType().default("system"),
            title: text(200),
            content: text(2_000),
            related_id: text(100).optional(),
            channels: z.array(channel()).max(3).default(["in_app"]),
          })
          .meta({
            id: "NewNotification",
            examples: [{ title: "Back in stock", content: "Green tea is here again.", channels: ["in_app"] }],
          }),
      idempotent: true,
      replies: { 201: { description: "The notification", schema: notificationView } },
      problems: [403, 410],
    }),
    listNotifications: defineRoute({
      id: "listNotifications",
      method: "GET",
      path: "/api/notifications/",
      summary: "List the caller's notifications, newest first",
      access: "user",
      query: () => z.strictObject({ ...pageQuery() }),
      replies: { 200: { description: "One page", schema: () => page(notificationView()) } },
      takesTurns: true,
    }),
    listFeed: defineRoute({
      id: "listFeed",
      method: "GET",
      path: "/api/notifications/feed/",
      summary: "The caller's notifications in the order of their positions, after one of them",
      access: "user",
      query: () =>
        z.strictObject({
          since: z
            .string()
            .regex(/^(0|[1-9][0-9]{0,14})$/, "must be a position")
            .transform(Number)
            .optional()
            .meta({
              description:
                "The last position that is known; without it nothing is listed but the last position.",
              override: { type: "integer", minimum: 0, maximum: 999_999_999_999_999 },
            }),
        }),
      replies: {
        200: {
          description:
            "What follows `since`, up to 50 entries; more follow while `position` is less than `last`",
          schema: () =>
            z.object({
              items: z.array(
                z.object({
                  position: position(),
                  id: id(),
                  notification: notificationView()
                    .nullable()
                    .meta({ description: "Null when it was deleted." }),
                }),
              ),
              position: position().meta({ description: "The position from which to continue." }),
              last: position().meta({ description: "The last position that existed." }),
            }),
        },
      },
      problems: [410],
      takesTurns: true,
    }),
    unreadCount: defineRoute({
      id: "unreadCount",
      method: "GET",
      path: "/api/notifications/unread-count/",
      summary: "Count unread notifications",
      access: "user",
      replies: {
        200: {
          description:
            "The number of unread notifications, exact up to 99; `capped` means that there are more",
          schema: () => z.object({ count: z.int().min(0).max(99), capped: z.boolean() }),
        },
      },
    }),
    readAll: defineRoute({
      id: "readAll",
      method: "POST",
      path: "/api/notifications/read-all/",
      summary: "Mark all notifications that exist now as read",
      access: "user",
      body: () => z.strictObject({}),
      replies: {
        200: {
          description: "All notifications up to `read_until` are read",
          schema: () => z.object({ read_until: timestamp() }),
        },
      },
    }),
    getPreferences: defineRoute({
      id: "getPreferences",
      method: "GET",
      path: "/api/notifications/preferences/",
      summary: "The caller's language, and the channels of each event",
      access: "user",
      function: "preferences",
      replies: { 200: { description: "The preferences, defaults included", schema: preferencesView } },
    }),
    updatePreferences: defineRoute({
      id: "updatePreferences",
      method: "PUT",
      path: "/api/notifications/preferences/",
      summary: "Replace the caller's preferences; what is left out is the default",
      access: "user",
      function: "preferences",
      body: newPreferences,
      replies: { 200: { description: "The preferences, defaults included", schema: preferencesView } },
    }),
    listSubscriptions: defineRoute({
      id: "listSubscriptions",
      method: "GET",
      path: "/api/notifications/subscriptions/",
      summary: "The caller's browsers that get Web Push, and the key with which a page subscribes one",
      access: "user",
      function: "subscriptions",
      replies: {
        200: {
          description: "Up to 20 subscriptions",
          schema: () => z.object({ vapid_public_key: vapidPublicKey(), items: z.array(subscriptionView()) }),
        },
      },
    }),
    createSubscription: defineRoute({
      id: "createSubscription",
      method: "POST",
      path: "/api/notifications/subscriptions/",
      summary: "Subscribe the caller's browser to Web Push; the same browser has one subscription",
      access: "user",
      function: "subscriptions",
      body: newSubscription,
      replies: { 201: { description: "The subscription", schema: subscriptionView } },
      problems: [409],
    }),
    deleteSubscription: defineRoute({
      id: "deleteSubscription",
      method: "DELETE",
      path: "/api/notifications/subscriptions/{id}/",
      summary: "End a browser's subscription",
      access: "user",
      function: "subscriptions",
      params: idParams,
      replies: { 204: { description: "Deleted" } },
    }),
    ...webhookRoutes,
    confirmUnsubscribe: defineRoute({
      id: "confirmUnsubscribe",
      method: "GET",
      path: "/api/notifications/unsubscribe/",
      summary: "A page that asks whether to unsubscribe from promotion by mail; changes nothing",
      access: "public",
      function: "preferences",
      query: unsubscribeQuery,
      replies: {
        200: {
          description: "The question, or that the link is not valid",
          texts: ["text/html"],
        },
      },
      problems: [431],
    }),
    unsubscribe: defineRoute({
      id: "unsubscribe",
      method: "POST",
      path: "/api/notifications/unsubscribe/",
      summary: "Unsubscribe from promotion by mail, without a log-in (RFC 8058)",
      access: "public",
      function: "preferences",
      query: unsubscribeQuery,
      replies: {
        200: { description: "Done", texts: ["text/html"] },
      },
      problems: [404, 431],
    }),
    getNotification: defineRoute({
      id: "getNotification",
      method: "GET",
      path: "/api/notifications/{id}/",
      summary: "One notification",
      access: "user",
      params: idParams,
      replies: { 200: { description: "The notification", schema: notificationView } },
    }),
    readNotification: defineRoute({
      id: "readNotification",
      method: "POST",
      path: "/api/notifications/{id}/read/",
      summary: "Mark one notification as read",
      access: "user",
      params: idParams,
      body: () => z.strictObject({}),
      replies: { 200: { description: "The notification", schema: notificationView } },
    }),
    deleteNotification: defineRoute({
      id: "deleteNotification",
      method: "DELETE",
      path: "/api/notifications/{id}/",
      summary: "Delete one",
      access: "user",
      params: idParams,
      replies: { 204: { description: "Deleted" } },
    }),
    ...forPeers.routes,
    offerLive: defineRoute({
      id: "offerLive",
      method: "POST",
      path: "/internal/notifications/live/",
      summary:
        "Send a recorded notification, if there is one in it, to live connections, and say which of them this instance does not hold",
      access: "service",
      callers: ["NotificationService"],
      body: () =>
        z.object({
          connections: z.array(z.string().max(128)).max(1_000),
          position: position().optional(),
          frame: z
            .discriminatedUnion("type", [
              z.object({
                type: z.literal("notification"),
                position: position(),
                notification: z.looseObject({}),
              }),
              z.object({ type: z.literal("deleted"), position: position(), id: id() }),
            ])
            .optional(),
        }),
      replies: {
        200: {
          description: "Offered; `gone` are those that it does not hold",
          schema: () => z.object({ gone: z.array(z.string()) }),
        },
      },
    }),
    ...commonRoutes,
  },
} satisfies Contract;

/** Message-ID (RFC 5322) of the mails about a notification, without its brackets: a repeated mail has the same one. */
export const mailIdOf = (notificationId: string): string => `${notificationId}@cfmp-order.example`;
