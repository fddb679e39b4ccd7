// What a notification owes: its mail.

import { createRelay, type Relay } from "../../lib/outbox/relay.ts";
import { type Mailer, MailFailure } from "./channels/email.ts";
import type { ContactBook } from "./contact-book.ts";
import { notifications } from "./contract.ts";
import type { EmailDelivery, Notification } from "./notification.ts";
import { dueMail, type MailOutcome, messageIdOf, recordMail } from "./notification-mail.ts";
import type { NotificationStore } from "./notification-store.ts";
import { NOTIFICATIONS_RELAY } from "./service.ts";

export interface MailPorts {
  /** Undefined where no mail server is set: what is owed waits for one. */
  readonly mailer: Mailer | undefined;
  readonly contacts: Pick<ContactBook, "addressOf">;
}

/** The relay of notifications. A mail may go out twice when a crash hides that it went; its Message-ID is the same then. */
export function createNotificationRelay(store: NotificationStore, ports: MailPorts): Relay {
  return createRelay<Notification>({
    name: NOTIFICATIONS_RELAY,
    service: notifications.service,
    store,
    async perform(notification, now, scope) {
      const email = dueMail(notification, now);
      if (!email) return undefined;
      const { outcome, error } = await tryMail(notification, email, ports);
      const entry = { err: error, notification: notification.id, attempts: email.attempts + 1 };
      if (outcome.kind === "failed") scope.log.warn(entry, "a mail could not be sent yet");
      if (outcome.kind === "refused") scope.log.warn(entry, "a mail was refused for good");
      return (current) => recordMail(current, outcome, now);
    },
  });
}

async function tryMail(
  notification: Notification,
  email: EmailDelivery,
  { mailer, contacts }: MailPorts,
): Promise<{ outcome: MailOutcome; error?: unknown }> {
  let to = email.to;
  try {
    to ??= (await contacts.addressOf(notification.user_id)) ?? null;
    if (to === null) return { outcome: { kind: "no_address" } };
    if (!mailer) throw new MailFailure("SMTP_URL is not set", false);
    await mailer.send({
      to,
      subject: notification.title,
      text: notification.content,
      messageId: messageIdOf(notification),
    });
    return { outcome: { kind: "sent", to } };
  } catch (error) {
    const refused = error instanceof MailFailure && error.permanent;
    return { outcome: { kind: refused ? "refused" : "failed", to }, error };
  }
}
