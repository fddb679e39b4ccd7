// The relay of notifications: hinted after a write, and swept by schedule.

import { platform } from "../../../lib/http/platform.ts";
import { type Relay, relayHandler } from "../../../lib/outbox/relay.ts";
import { smtpMailer } from "../channels/email.ts";
import { contactBook } from "../contacts.ts";
import { notifications } from "../contract.ts";
import { createNotificationRelay } from "../notification-relay.ts";
import { NOTIFICATIONS_RELAY, notificationService } from "../service.ts";

let shared: Relay | undefined;

function relay(): Relay {
  const { SMTP_URL, MAIL_FROM } = platform().config;
  shared ??= createNotificationRelay(notificationService().store, {
    mailer: SMTP_URL === undefined ? undefined : smtpMailer(SMTP_URL, MAIL_FROM),
    contacts: contactBook(),
  });
  return shared;
}

export const handler = relayHandler(NOTIFICATIONS_RELAY, notifications.service, relay);
