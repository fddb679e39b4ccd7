// Upcasts notifications stored by the previous version, whose mail had a state of its own instead of an outbox.

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
 * The notification that `doc` of schema 1 holds. A mail not yet sent goes into the outbox, with its number of attempts and
 * its due time; one that was given up stays given up. @throws {ZodError} when `doc` is not of schema 1.
 */
export function upcastNotification(doc: unknown): Notification {
  const { channels, ...given } = schema1.parse(doc);
  const { in_app, email } = channels;
  if (email === undefined) return { ...given, channels: { in_app }, outbox: [] };
  if (email.status !== "pending") return { ...given, channels: { in_app, email: email.status }, outbox: [] };
  const { to, attempts, next_at } = email;
  // The role was not stored. `seller` is the safer one: a seller's address is used only if they have acted as a seller.
  const payload =
    to === null ? ({ channel: "email", to, role: "seller" } as const) : ({ channel: "email", to } as const);
  const mail = { id: MAIL_ID, payload, created_at: given.arrived_at, attempts, next_at };
  return { ...given, channels: { in_app }, outbox: [mail] };
}
