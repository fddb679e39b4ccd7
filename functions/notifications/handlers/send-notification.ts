// POST /api/notifications/

import type { User } from "../../../lib/auth/caller.ts";
import { requireScope } from "../../../lib/auth/scopes.ts";
import { checkReplay, creation } from "../../../lib/core/idempotency.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { REPLAYED } from "../../../lib/http/reply.ts";
import { hintAfter } from "../../../lib/outbox/hint.ts";
import { isAddress } from "../contacts.ts";
import { notifications } from "../contract.ts";
import { appendToFeed } from "../live/append.ts";
import { messageOf, type PendingMail } from "../notification.ts";
import { readerLocale } from "../notification-text.ts";
import { notificationToView, sentToView } from "../notification-view.ts";
import type { NotificationPorts } from "../ports.ts";
import { shownInApp } from "../preferences.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.sendNotification;
type Request = Pick<HttpRequest<typeof route>, "body" | "user" | "scope" | "idempotencyKey">;

/** Sends a notification to the caller, or with the scope `notify` to any user. */
export async function handle(service: NotificationService, request: Request) {
  const { body, user, scope } = request;
  const { store, ports } = service;
  const recipient = body.user_id ?? user.id;
  if (recipient !== user.id) requireScope(user, "notify", "Notifying others");
  await ports.contacts.update(user);
  const record = creation(user.id, route.id, request.idempotencyKey, body);
  const reader = await service.readers.of(recipient);
  const { type } = body;
  const message = messageOf(
    {
      id: record.id,
      user_id: recipient,
      type,
      title: body.title,
      content: body.content,
      related_id: body.related_id ?? null,
      fingerprint: record.fingerprint,
      shown: shownInApp(reader.preferences, { type, event: "message" }),
      pushed: body.channels.includes("push"),
    },
    body.channels.includes("email") ? await mailTo(ports, recipient, user) : undefined,
    ports.now(),
  );
  // A message is shown as it was written, so the language of whoever reads it does not matter.
  const language = readerLocale(ports, user, reader);
  const earlier = await store.createOrRead(message);
  await appendToFeed(service, earlier ?? message);
  if (!earlier) {
    await hintAfter(ports.hint, message.id, { state: message, changed: true }, scope);
    return { status: 201 as const, body: notificationToView(message, undefined, language) };
  }
  const own = earlier.user_id === user.id;
  // The sender must not see what the receiver has done with it since.
  checkReplay(record, { fingerprint: earlier.fingerprint, deleted: own && earlier.deleted_at !== null });
  const view = own ? notificationToView(earlier, reader.read_until, language) : sentToView(earlier, language);
  return { status: 201 as const, body: view, headers: REPLAYED };
}

async function mailTo(
  { mailer, contacts }: NotificationPorts,
  recipient: string,
  sender: User,
): Promise<PendingMail | "unreachable"> {
  if (!mailer) return "unreachable";
  const own = recipient === sender.id ? sender.email : undefined;
  const to = isAddress(own) ? own : (await contacts.find(recipient))?.email;
  return to === undefined ? "unreachable" : { channel: "email", to };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
