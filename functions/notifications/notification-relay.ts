// Work that becomes due for a notification: its mail and its pushes.

import { pauseAfter, type Retry } from "../../lib/core/retry.ts";
import { deliverOutbox } from "../../lib/outbox/deliver.ts";
import { DELIVERY } from "../../lib/outbox/outbox.ts";
import { createRelay, type Relay } from "../../lib/outbox/relay.ts";
import type { Step } from "../../lib/storage/deferred-steps.ts";
import { MAIL_CONNECTIONS, MailFailure } from "./channels/email.ts";
import { mailOf } from "./channels/mail-content.ts";
import { addressFor } from "./contacts.ts";
import { mailIdOf, notifications } from "./contract.ts";
import { Lines } from "./lines.ts";
import { mailSent, type Notification, type Pending, type PendingMail } from "./notification.ts";
import type { NotificationStore } from "./notification-store.ts";
import { Pauses } from "./pauses.ts";
import type { NotificationPorts } from "./ports.ts";
import { topicOf, wants } from "./preferences.ts";
import { offerPush, type PushSources, sendWebPush } from "./push/offer-push.ts";
import { PUSH_FOR_MS } from "./push/push-message.ts";
import { notificationRelay } from "./relays.ts";
import { notificationGoesOut } from "./sent-span.ts";

/** Mail is retried with the pauses of every delivery, and parked after five days (RFC 5321, 4.5.4.1: 4 to 5), however often it failed. */
const MAIL: Retry = { first: DELIVERY.first, longest: DELIVERY.longest, maxAge: 5 * 24 * 3_600_000 };

/**
 * The pauses after a mail that its server may have accepted: if it has, its reader gets one more with each try. Some ten in the five days.
 */
const UNSURE: Retry = { first: 900_000, growth: 4, longest: 24 * 3_600_000 };

/** A push is retried with the same pauses, and parked when it is too old to be worth showing. */
const PUSH: Retry = { first: DELIVERY.first, longest: DELIVERY.longest, maxAge: PUSH_FOR_MS };

const planOf = ({ payload }: { readonly payload: Pending }): Retry =>
  payload.channel === "email" ? MAIL : PUSH;

/**
 * Of lines: mail servers and push services mostly take a moment, and what was put off is looked at again soon. A mail waits in two of them, and
 * with that and its 8 s is done in the time that a relay has.
 */
const SOON = { waiting: 1_000, turnMs: 1_000, guessMs: 100, longestMs: 60_000 };
/** A mail server that is slow, or hangs, keeps neither the pushes nor the mails' own sweeps waiting. */
const MAIL_LINES = {
  ...SOON,
  atOnce: MAIL_CONNECTIONS,
  why: "many mails are on their way to the mail server",
};
const MAIL_SERVER = "mail";
/** Before that one, by user: whoever sends themselves thousands of mails has half of the places. */
const READER_LINES = {
  ...SOON,
  atOnce: MAIL_CONNECTIONS / 2,
  why: "many mails are on their way to this user",
};
/** By user: one whose browsers are nowhere, or whose push service hangs, keeps no other's pushes and mails waiting. */
const PUSH_LINES = { ...SOON, atOnce: 8, why: "many pushes are on their way to this user" };
/** A sweep goes on to its next page after so long, in milliseconds. */
const PATIENCE_MS = 500;

type Ports = Pick<
  NotificationPorts,
  "mailer" | "contacts" | "defaultLocale" | "timeZone" | "unsubscribeLinks" | "push" | "now"
>;

export interface RelaySources extends Omit<PushSources, "ports"> {
  readonly ports: Ports;
}

/**
 * The relay of notifications. After a crash a mail or a push may be sent twice: both mails have the same Message-ID, both pushes the
 * same topic and notification.
 */
export function createNotificationRelay(store: NotificationStore, sources: RelaySources): Relay {
  const { readers, ports } = sources;
  const mailLines = new Lines(MAIL_LINES);
  const readerLines = new Lines(READER_LINES);
  const pushLines = new Lines(PUSH_LINES);
  const pauses = new Pauses();
  const inMailTurn: MailTurn = (userId, work) =>
    readerLines.take(userId, () =>
      mailLines.take(MAIL_SERVER, async () => {
        pauses.check(MAIL_SERVER, ports.now());
        await pauses.heeded(MAIL_SERVER, ports.now, work);
      }),
    );
  return createRelay<Notification>({
    name: notificationRelay.name,
    service: notifications.service,
    store,
    now: ports.now,
    patienceMs: PATIENCE_MS,
    perform(notification, now, scope) {
      const inTurn = pushLines.together(notification.user_id);
      return deliverOutbox(
        notification,
        now,
        scope,
        async ({ payload, attempts }) => {
          if (payload.channel === "push") return offerPush(notification, sources);
          if (payload.channel === "web_push") {
            const { subscription } = payload;
            const send = () => sendWebPush(notification, payload, sources);
            // Before its turn: the user's other browsers do not wait for this one.
            pauses.check(subscription, now);
            return inTurn(() => pauses.heeded(subscription, ports.now, send));
          }
          return sendMail(notification, payload, attempts, { readers, ports, inMailTurn });
        },
        planOf,
      );
    },
  });
}

/** Does `work`, which sends a mail to this user, in its turn, unless the mail server is to be left alone. */
type MailTurn = (userId: string, work: () => Promise<void>) => Promise<void>;

interface MailSources extends Pick<RelaySources, "readers" | "ports"> {
  readonly inMailTurn: MailTurn;
}

/** Sends the mail of `notification`; nothing when its user turns out to have no address, or does not want such mail now. */
async function sendMail(
  notification: Notification,
  pending: PendingMail,
  attempts: number,
  { readers, ports, inMailTurn }: MailSources,
): Promise<Step<Notification> | undefined> {
  const { mailer, contacts, defaultLocale, timeZone, unsubscribeLinks } = ports;
  const { id, user_id } = notification;
  const [{ preferences }, contact] = await Promise.all([readers.of(user_id), contacts.find(user_id)]);
  if (!wants(preferences, topicOf(notification), "email")) return undefined;
  const to = pending.to ?? addressFor(contact, pending.role);
  if (to === undefined) return undefined;
  if (!mailer) throw new MailFailure("SMTP_URL is not set", false);
  const promotion = topicOf(notification) === "promotion";
  const unsubscribeUrl = promotion ? unsubscribeLinks.urlFor(user_id) : undefined;
  if (promotion && unsubscribeUrl === undefined)
    throw new MailFailure("MAIL_LINK_BASE_URL is not set", false);
  const reader = { chosen: preferences.locale ?? contact?.locale, fallback: defaultLocale };
  const mail = mailOf(notification, reader, { timeZone, unsubscribeUrl });
  try {
    await inMailTurn(user_id, async () => {
      notificationGoesOut("mail", notification);
      await mailer.send({ to, ...mail, messageId: `<${mailIdOf(id)}>` });
    });
  } catch (error) {
    if (!(error instanceof MailFailure && error.unsure)) throw error;
    const retryAfter = pauseAfter(attempts + 1, UNSURE);
    throw new MailFailure(error.reason, false, { unsure: true, retryAfter });
  }
  return mailSent;
}
