// POST /internal/notifications/

import { localeOf } from "../../../lib/core/locale.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { hintAfter } from "../../../lib/outbox/hint.ts";
import { addressFor, isAddress } from "../contacts.ts";
import { appendToFeed } from "../live/append.ts";
import { notificationOf, type PendingMail } from "../notification.ts";
import { forPeers } from "../peer-contract.ts";
import type { NotificationPorts } from "../ports.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = forPeers.routes.recordEvent;
type Request = Pick<HttpRequest<typeof route>, "body" | "scope">;
type Party = Request["body"]["parties"][number];

/**
 * Records the event for each party, with one write each, and one more for a party that has a feed; a contact is read when it is
 * not in memory, and once anybody has subscribed to Web Push, the party's subscriptions. For webhooks, once there are any, their records are read, and the
 * message is stored for each that gets it. What was already recorded is not changed.
 */
export async function handle(service: NotificationService, { body, scope }: Request) {
  const { store, ports } = service;
  const now = ports.now();
  await Promise.all([
    service.tellWebhooks(body, scope),
    ...body.parties.map(async (party) => {
      const { user_id, role } = party;
      const locale = localeOf(party.locale);
      const reader = { user_id, role, ...(locale === undefined ? {} : { locale }) };
      const [mail, pushed] = await Promise.all([
        mailTo(ports, party, scope),
        mayPush(service, user_id, scope),
      ]);
      const notification = notificationOf(body, reader, mail, now, pushed);
      const changed = await store.create(notification);
      // Also when it was recorded already: the process that did so may have been killed just after.
      await appendToFeed(service, notification);
      await hintAfter(ports.hint, notification.id, { state: notification, changed }, scope);
    }),
  ]);
  return { status: 200 as const, body: { recorded: body.parties.length } };
}

/** Whether the user has subscribed. If that can't be read now, the relay reads it later. */
async function mayPush(
  { hasSubscribed }: NotificationService,
  userId: string,
  { log }: Request["scope"],
): Promise<boolean> {
  try {
    return await hasSubscribed(userId);
  } catch (error) {
    log.warn({ err: error }, "the subscriptions could not be read; the relay reads them again");
    return true;
  }
}

/** The mail to a party that has an address. If its contact can't be read now, the relay reads it later. */
async function mailTo(
  { mailer, contacts }: NotificationPorts,
  { user_id, role, email }: Party,
  { log }: Request["scope"],
): Promise<PendingMail | undefined> {
  if (!mailer) return undefined;
  if (role === "buyer" && isAddress(email)) return { channel: "email", to: email };
  try {
    const to = addressFor(await contacts.find(user_id), role);
    return to === undefined ? undefined : { channel: "email", to };
  } catch (error) {
    log.warn({ err: error }, "a contact could not be read; the relay reads it again");
    return { channel: "email", to: null, role };
  }
}

export const handler = httpHandler(forPeers, route, (request) => handle(notificationService(), request));
