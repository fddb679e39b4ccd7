// NotificationService: what it offers, as data.

import * as z from "zod";
import { commonRoutes } from "../../lib/contract/common-routes.ts";
import { type BodyInput, type Contract, defineRoute } from "../../lib/contract/route.ts";
import { id, idParams, page, pageQuery, text, timestamp, userId } from "../../lib/contract/schemas.ts";
import { EVENTS, ROLES } from "../events.ts";

const notificationType = z.enum(["transaction", "system", "promotion"]);

/** Ways a notification reaches its user; `in_app` always. */
const channel = z.enum(["in_app", "email"]);

/** A notification as its user sees it. */
export const notificationView = z
  .object({
    id,
    user_id: z.string(),
    type: notificationType,
    event: z.string().meta({ examples: ["order.paid"] }),
    title: z.string(),
    content: z.string(),
    related_id: z.string().nullable(),
    channels: z.record(z.string(), z.enum(["pending", "sent", "delivered", "unreachable"])).meta({
      description: "How it stands per channel. A mail is `sent` once a mail server has taken it.",
      examples: [{ in_app: "delivered", email: "sent" }],
    }),
    read: z.boolean(),
    read_at: timestamp.nullable().meta({ description: "Null also where it was read by read-all only." }),
    created_at: timestamp,
  })
  .meta({ id: "Notification" });

export type NotificationView = z.input<typeof notificationView>;

export const notifications = {
  service: "NotificationService",
  title: "Notifications",
  description: "Notifications of users, in the application and by e-mail.",
  basePath: "/api/notifications",
  routes: {
    sendNotification: defineRoute({
      id: "sendNotification",
      method: "POST",
      path: "/api/notifications/",
      summary: "Notify oneself, or anyone with the scope `notify`",
      access: "user",
      body: z
        .strictObject({
          user_id: userId.optional().meta({ description: "The caller when left out." }),
          type: notificationType.default("system"),
          title: text(200),
          content: text(2_000),
          related_id: text(100).optional(),
          channels: z.array(channel).max(2).default(["in_app"]),
        })
        .meta({ id: "NewNotification" }),
      idempotent: true,
      replies: { 201: { description: "The notification", schema: notificationView } },
      problems: [403, 410],
    }),
    listNotifications: defineRoute({
      id: "listNotifications",
      method: "GET",
      path: "/api/notifications/",
      summary: "The caller's notifications, newest first",
      access: "user",
      query: z.strictObject({ ...pageQuery }),
      replies: { 200: { description: "One page", schema: page(notificationView) } },
      takesTurns: true,
    }),
    unreadCount: defineRoute({
      id: "unreadCount",
      method: "GET",
      path: "/api/notifications/unread-count/",
      summary: "How many are unread",
      access: "user",
      replies: {
        200: {
          description: "Exact up to 99; `capped` says that there are more",
          schema: z.object({ count: z.int().min(0).max(99), capped: z.boolean() }),
        },
      },
    }),
    readAll: defineRoute({
      id: "readAll",
      method: "POST",
      path: "/api/notifications/read-all/",
      summary: "Mark all that exist now as read",
      access: "user",
      body: z.strictObject({}),
      replies: {
        200: {
          description: "All up to `read_until` count as read",
          schema: z.object({ read_until: timestamp }),
        },
      },
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
      summary: "Mark one as read",
      access: "user",
      params: idParams,
      body: z.strictObject({}),
      replies: { 200: { description: "The notification", schema: notificationView } },
    }),
    deleteNotification: defineRoute({
      id: "deleteNotification",
      method: "DELETE",
      path: "/api/notifications/{id}/",
      summary: "Delete one",
      access: "user",
      params: idParams,
      replies: { 204: { description: "It is gone" } },
    }),
    recordEvent: defineRoute({
      id: "recordEvent",
      method: "POST",
      path: "/internal/notifications/",
      summary: "Record an event, once for each party, however often it is delivered",
      access: "service",
      callers: ["OrderService", "PaymentService"],
      // Fields that are not known here are passed over: while a deploy is under way, a peer may be a version ahead.
      body: z.object({
        /** The same whenever this event is delivered: again, it has no second effect. */
        event_id: text(200),
        event: z.enum(EVENTS),
        occurred_at: timestamp,
        related_id: id,
        /** What the texts are made of: `total_amount`, `currency`, and where they apply `amount` and `reason`. */
        data: z.record(z.string(), z.string()),
        parties: z
          .array(
            z.object({
              user_id: userId,
              role: z.enum(ROLES),
              email: z.string().nullable(),
            }),
          )
          .min(1)
          .max(2),
      }),
      replies: { 200: { description: "Recorded", schema: z.object({ recorded: z.int() }) } },
    }),
    ...commonRoutes,
  },
} satisfies Contract;

/** An event as the services that it happens in deliver it. */
export type PartyEvent = BodyInput<typeof notifications.routes.recordEvent>;
