// POST /api/notifications/

import { forbidden } from "../../../lib/core/domain-error.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { checkReplay, creation } from "../../../lib/http/idempotency.ts";
import { REPLAYED } from "../../../lib/http/reply.ts";
import { type ContactBook, isAddress } from "../contact-book.ts";
import { contactBook } from "../contacts.ts";
import { notifications } from "../contract.ts";
import {
  type EmailDelivery,
  messageOf,
  type Notification,
  pendingEmail,
  unreachableEmail,
} from "../notification.ts";
import { notificationToView, sentToView } from "../notification-view.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.sendNotification;
type Request = Pick<HttpRequest<typeof route>, "body" | "user" | "scope" | "idempotencyKey">;

/** Sends a notification to oneself, or with the scope `notify` to anyone. */
export async function send(service: NotificationService, contacts: ContactBook, request: Request) {
  const { body, user, scope } = request;
  const { store, ports } = service;
  const recipient = body.user_id ?? user.id;
  if (recipient !== user.id && !user.scopes.has("notify")) {
    throw forbidden("scope_missing", "Notifying others needs a token with the scope `notify`.");
  }
  await contacts.learn(user);
  const asked = creation(user.id, route.id, request.idempotencyKey, body);
  const now = ports.now();
  const email = body.channels.includes("email")
    ? await emailTo(service, contacts, recipient === user.id ? user.email : undefined, recipient, now)
    : undefined;
  const message = messageOf(
    {
      id: asked.id,
      user_id: recipient,
      type: body.type,
      title: body.title,
      content: body.content,
      related_id: body.related_id ?? null,
      fingerprint: asked.fingerprint,
    },
    email,
    now,
  );
  const earlier = await store.createOrRead(message);
  if (!earlier) {
    if (email?.status === "pending") await ports.hint(message.id, scope.traceparent);
    return { status: 201 as const, body: notificationToView(message, undefined) };
  }
  const own = earlier.user_id === user.id;
  // What another user did with it since is nothing that its sender learns.
  checkReplay(asked, { fingerprint: earlier.fingerprint, deleted: own && earlier.deleted_at !== null });
  const view = own ? await ownView(service, earlier) : sentToView(earlier);
  return { status: 201 as const, body: view, headers: REPLAYED };
}

async function emailTo(
  { ports }: NotificationService,
  contacts: ContactBook,
  inToken: string | undefined,
  recipient: string,
  now: number,
): Promise<EmailDelivery> {
  if (!ports.mailEnabled) return unreachableEmail(now);
  const address = isAddress(inToken) ? inToken : await contacts.addressOf(recipient);
  return address === undefined ? unreachableEmail(now) : pendingEmail(address, now);
}

async function ownView({ watermarks }: NotificationService, notification: Notification) {
  return notificationToView(notification, await watermarks.of(notification.user_id));
}

export const handler = httpHandler(notifications, route, (request) =>
  send(notificationService(), contactBook(), request),
);
