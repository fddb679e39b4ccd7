// Notifications as the version before stored them, whose mail had a state of its own instead of an outbox.

import * as z from "zod";
import { MAIL_ID, type Notification } from "./notification.ts";

const text = z.string();
const textOrNone = text.nullable();

const schema1 = z.object({
  id: text,
  user_id: text,
  type: z.enum(["transaction", "system", "promotion"]),
  event: text,
  title: text,
  content: text,
  related_id: textOrNone,
  channels: z.object({
    in_app: z.literal("delivered"),
    email: z
      .object({
        status: z.enum(["pending", "sent", "unreachable"]),
        to: textOrNone,
        attempts: z.int(),
        next_at: text,
      })
      .optional(),
  }),
  read_at: textOrNone,
  created_at: text,
  arrived_at: text,
  deleted_at: textOrNone,
  fingerprint: text,
});

/**
 * The notification that `doc` of schema 1 holds. A mail that was still to be sent stands in the outbox, with its tries and its
 * time; one that was given up stays so. @throws {ZodError} for anything else.
 */
export function upcastNotification(doc: unknown): Notification {
  const { channels, ...given } = schema1.parse(doc);
  const { in_app, email } = channels;
  if (email === undefined) return { ...given, channels: { in_app }, outbox: [] };
  if (email.status !== "pending") return { ...given, channels: { in_app, email: email.status }, outbox: [] };
  const { to, attempts, next_at } = email;
  // Its role was not stored. Of both, a seller's contact is the one that may not be taken for granted.
  const payload =
    to === null ? ({ channel: "email", to, role: "seller" } as const) : ({ channel: "email", to } as const);
  const mail = { id: MAIL_ID, payload, created_at: given.arrived_at, attempts, next_at };
  return { ...given, channels: { in_app }, outbox: [mail] };
}
