// Composes NotificationService: store, contacts, mail, live connections, push, webhooks, relays. Handlers take what they need from here.

import { setTimeout as sleep } from "node:timers/promises";
import { deriveKeys } from "../../lib/auth/keys.ts";
import { environment } from "../../lib/config/environment.ts";
import { perSettings } from "../../lib/config/per-settings.ts";
import { onLambda } from "../../lib/core/on-lambda.ts";
import { once } from "../../lib/core/once.ts";
import { instanceId } from "../../lib/http/addressee.ts";
import { createOutgoing } from "../../lib/http/outgoing.ts";
import { heldSockets } from "../../lib/live/sockets.ts";
import { serviceLog } from "../../lib/observability/log.ts";
import { hintTo } from "../../lib/outbox/hint.ts";
import type { Relay } from "../../lib/outbox/relay.ts";
import { platform } from "../../lib/platform/platform.ts";
import { endpointOf } from "../../lib/storage/endpoint.ts";
import { smtpMailer } from "./channels/email.ts";
import { contactRecords } from "./contact-records.ts";
import { createContacts } from "./contacts.ts";
import { apiTransport } from "./live/api-transport.ts";
import { connectionRecords } from "./live/connection-records.ts";
import { liveEndings } from "./live/endings.ts";
import { createFeed, type Feed } from "./live/feed.ts";
import { instanceTransport } from "./live/instance-transport.ts";
import { Live } from "./live/live.ts";
import { createNotificationRelay } from "./notification-relay.ts";
import { type NotificationStore, notificationStore } from "./notification-store.ts";
import { forPeers } from "./peer-contract.ts";
import type { NotificationPorts } from "./ports.ts";
import { pushServiceSender } from "./push/push-service.ts";
import { subscriptionRecords } from "./push/subscription-records.ts";
import { hasSubscribed } from "./push/subscriptions.ts";
import { createReaders, type Readers } from "./readers.ts";
import { notificationRelay, webhookRelay } from "./relays.ts";
import { linkBase, notificationSettings, vapidKeysOf } from "./settings.ts";
import { unsubscribeLinks } from "./unsubscribe-links.ts";
import { MESSAGES_AT_ONCE, TESTS_AT_ONCE } from "./webhooks/at-once.ts";
import { type DeliveriesStore, deliveriesStore } from "./webhooks/deliveries.ts";
import { deliveryLog } from "./webhooks/delivery-log.ts";
import { createTellWebhooks, type TellWebhooks } from "./webhooks/recipients.ts";
import { webhookRecords } from "./webhooks/webhook-records.ts";
import { createWebhookRelay } from "./webhooks/webhook-relay.ts";
import { webhookSender } from "./webhooks/webhook-sender.ts";

const SERVICE = forPeers.service;

export interface NotificationService {
  readonly ports: NotificationPorts;
  readonly store: NotificationStore;
  readonly readers: Readers;
  readonly feed: Feed;
  readonly live: Live;
  /** Whether a user has subscribed to Web Push. */
  readonly hasSubscribed: (userId: string) => Promise<boolean>;
  readonly relay: Relay;
  /** Messages for webhooks. */
  readonly deliveries: DeliveriesStore;
  readonly tellWebhooks: TellWebhooks;
  readonly webhookRelay: Relay;
}

/** A NotificationService with the given ports. */
export function createNotificationService(ports: NotificationPorts): NotificationService {
  const store = notificationStore(ports.table, ports.keepDays);
  const readers = createReaders(ports.table);
  const feed = createFeed(ports.table, ports.feedClocks, ports.keepDays);
  const live = new Live(ports.live, readers);
  const deliveries = deliveriesStore(ports.webhooks.table);
  return {
    ports,
    store,
    readers,
    feed,
    live,
    hasSubscribed: hasSubscribed(ports.push.records, () => ports.feedClocks.monotonic()),
    relay: createNotificationRelay(store, { readers, feed, live, ports }),
    deliveries,
    tellWebhooks: createTellWebhooks(deliveries, ports),
    webhookRelay: createWebhookRelay(deliveries, ports),
  };
}

/** Connections of one webhook: for as many messages as may be on their way to it at once, and tests. */
const WEBHOOK_CONNECTIONS = MESSAGES_AT_ONCE + TESTS_AT_ONCE;

/** Of the connections that this process holds, whatever the settings are. */
const streams: NotificationPorts["live"]["streams"] = new Map();
const endings = liveEndings(heldSockets);

/** This process's NotificationService. */
export const notificationService: () => NotificationService = perSettings(() => {
  const { config, secrets, database, table, discovery, tokens } = platform();
  const settings = notificationSettings(environment());
  const { DEFAULT_LOCALE, MAIL_TIME_ZONE, NOTIFICATION_DAYS } = settings;
  // Made when they are first needed: that takes longer than most requests.
  const vapidKeys = once(() => vapidKeysOf(settings, secrets));
  const webhooksTable = `${config.DB_NAME}-webhooks`;
  const records = contactRecords(database, endpointOf(config), `${config.DB_NAME}-contacts`);
  return createNotificationService({
    table: table("notifications"),
    keepDays: NOTIFICATION_DAYS,
    contacts: createContacts(records, Date.now),
    defaultLocale: DEFAULT_LOCALE,
    timeZone: MAIL_TIME_ZONE,
    unsubscribeLinks: unsubscribeLinks(deriveKeys(secrets, "unsubscribe"), linkBase(environment(), config)),
    mailer: config.SMTP_URL === undefined ? undefined : smtpMailer(config.SMTP_URL, config.MAIL_FROM),
    cursorKeys: deriveKeys(secrets, "cursor"),
    now: Date.now,
    live: {
      streams,
      endings,
      records: connectionRecords(database, endpointOf(config), `${config.DB_NAME}-connections`),
      transport: onLambda()
        ? apiTransport
        : instanceTransport({
            call: discovery.callInstance,
            token: () => tokens.mintService(SERVICE, SERVICE),
            instance: instanceId,
            offerHere: (ids, offer) =>
              notificationService().live.offerHere(ids, offer, (id) => heldSockets.get(id) !== undefined),
          }),
      defaultLocale: DEFAULT_LOCALE,
      now: Date.now,
      failed: (error) =>
        serviceLog(SERVICE).warn(
          { err: error },
          "live connections could not be reached; they get what they miss with their next ping",
        ),
    },
    push: {
      records: subscriptionRecords(database, endpointOf(config), `${config.DB_NAME}-subscriptions`),
      vapidKeys,
      sender: pushServiceSender({
        outgoing: createOutgoing({ anywhere: config.DEBUG }),
        vapidKeys,
        subject: settings.VAPID_SUBJECT ?? mailtoOf(config.MAIL_FROM),
        now: Date.now,
      }),
      anywhere: config.DEBUG,
    },
    webhooks: {
      records: webhookRecords(database, endpointOf(config), webhooksTable),
      log: deliveryLog(database, webhooksTable),
      table: table("deliveries"),
      sender: webhookSender(
        createOutgoing({ anywhere: config.DEBUG, connections: WEBHOOK_CONNECTIONS }),
        Date.now,
      ),
      anywhere: config.DEBUG,
      hint: hintTo(SERVICE, webhookRelay.name, () => notificationService().webhookRelay),
    },
    feedClocks: { now: Date.now, monotonic: () => performance.now(), pause: (ms) => sleep(ms) },
    hint: hintTo(SERVICE, notificationRelay.name, () => notificationService().relay),
  });
});

/** The address of `Shop <shop@shop.example>` or `shop@shop.example` as a URL. */
const mailtoOf = (mailbox: string): string => `mailto:${/<([^>]*)>$/.exec(mailbox)?.[1] ?? mailbox}`;
