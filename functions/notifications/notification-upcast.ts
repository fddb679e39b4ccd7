// Upcasts notifications stored by earlier versions. Schema 1: the mail had a state of its own instead of an outbox. Schemas 1 and
// 2: the text of an event was stored as it was shown, in English; it is still shown so.

import * as z from "zod";
import type { Outbox } from "../../lib/outbox/outbox.ts";
import { MAIL_ID, type Notification, type PendingMail } from "./notification.ts";

const text = z.string();
const textOrNone = text.nullable();

/** The same in both schemas. */
const common = {
  id: text,
  user_id: text,
  type: z.enum(["transaction", "system", "promotion"]),
  event: text,
  title: text,
  content: text,
  related_id: textOrNone,
  read_at: textOrNone,
  created_at: text,
  arrived_at: text,
  deleted_at: textOrNone,
  fingerprint: text,
};

const schema1 = z.object({
  ...common,
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
});

const schema2 = z.object({
  ...common,
  channels: z.object({
    in_app: z.literal("delivered"),
    email: z.enum(["sent", "unreachable"]).optional(),
  }),
  // Its form has not changed since.
  outbox: z.custom<Outbox<PendingMail>>(Array.isArray),
});

/** The notification that `doc` of an earlier schema holds. @throws {ZodError} when `doc` is not of that schema. */
export function upcastNotification(doc: unknown, schemaVersion: number): Notification {
  if (schemaVersion === 1) return withBody(withOutbox(schema1.parse(doc)));
  const { channels, ...given } = schema2.parse(doc);
  const { in_app, email } = channels;
  return withBody({ ...given, channels: { in_app, ...(email === undefined ? {} : { email }) } });
}

type Schema2 = Omit<Notification, "body"> & { readonly title: string; readonly content: string };

const withBody = ({ title, content, ...rest }: Schema2): Notification => ({
  ...rest,
  body: { kind: "text", title, content },
});

/**
 * A mail not yet sent goes into the outbox, with its number of attempts and its due time; one that was given up stays given up.
 */
function withOutbox({ channels, ...given }: z.infer<typeof schema1>): Schema2 {
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
