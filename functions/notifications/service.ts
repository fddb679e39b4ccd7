// Composes NotificationService: store, contacts, mail, relay. Handlers take what they need from here.

import { setTimeout as sleep } from "node:timers/promises";
import { deriveKeys } from "../../lib/auth/keys.ts";
import { environment } from "../../lib/config/environment.ts";
import { perSettings } from "../../lib/config/per-settings.ts";
import { onLambda } from "../../lib/core/on-lambda.ts";
import { instanceId } from "../../lib/http/addressee.ts";
import { heldSockets } from "../../lib/live/sockets.ts";
import { serviceLog } from "../../lib/observability/log.ts";
import { hintTo } from "../../lib/outbox/hint.ts";
import type { Relay } from "../../lib/outbox/relay.ts";
import { platform } from "../../lib/platform/platform.ts";
import { endpointOf } from "../../lib/storage/endpoint.ts";
import { smtpMailer } from "./channels/email.ts";
import { contactRecords } from "./contact-records.ts";
import { createContacts } from "./contacts.ts";
import { notifications } from "./contract.ts";
import { connectionRecords } from "./live/connection-records.ts";
import { createFeed, type Feed } from "./live/feed.ts";
import { Live } from "./live/live.ts";
import { apiTransport, instanceTransport } from "./live/transport.ts";
import { createNotificationRelay } from "./notification-relay.ts";
import { type NotificationStore, notificationStore } from "./notification-store.ts";
import type { NotificationPorts } from "./ports.ts";
import { createReaders, type Readers } from "./readers.ts";
import { notificationRelay } from "./relays.ts";
import { linkBase, notificationSettings } from "./settings.ts";
import { unsubscribeLinks } from "./unsubscribe-links.ts";

export interface NotificationService {
  readonly ports: NotificationPorts;
  readonly store: NotificationStore;
  readonly readers: Readers;
  readonly feed: Feed;
  readonly live: Live;
  readonly relay: Relay;
}

/** A NotificationService with the given ports. */
export function createNotificationService(ports: NotificationPorts): NotificationService {
  const store = notificationStore(ports.table);
  const readers = createReaders(ports.table);
  return {
    ports,
    store,
    readers,
    feed: createFeed(ports.table, ports.feedClocks),
    live: new Live(ports.live, readers),
    relay: createNotificationRelay(store, readers, ports),
  };
}

/** This process's NotificationService. */
export const notificationService: () => NotificationService = perSettings(() => {
  const { config, secrets, database, table, discovery, tokens } = platform();
  const { DEFAULT_LOCALE, MAIL_TIME_ZONE } = notificationSettings(environment());
  const records = contactRecords(database, endpointOf(config), `${config.DB_NAME}-contacts`);
  return createNotificationService({
    table: table("notifications"),
    contacts: createContacts(records, Date.now),
    defaultLocale: DEFAULT_LOCALE,
    timeZone: MAIL_TIME_ZONE,
    unsubscribeLinks: unsubscribeLinks(deriveKeys(secrets, "unsubscribe"), linkBase(environment(), config)),
    mailer: config.SMTP_URL === undefined ? undefined : smtpMailer(config.SMTP_URL, config.MAIL_FROM),
    cursorKeys: deriveKeys(secrets, "cursor"),
    now: Date.now,
    live: {
      records: connectionRecords(database, endpointOf(config), `${config.DB_NAME}-connections`),
      transport: onLambda()
        ? apiTransport
        : instanceTransport({
            call: discovery.callInstance,
            token: () => tokens.mintService(notifications.service, notifications.service),
            instance: instanceId,
            offerHere: (ids, offer) =>
              notificationService().live.offerHere(ids, offer, (id) => heldSockets.get(id) !== undefined),
          }),
      defaultLocale: DEFAULT_LOCALE,
      now: Date.now,
      failed: (error) =>
        serviceLog(notifications.service).warn(
          { err: error },
          "a notification could not be sent on live connections; they get it with their next ping",
        ),
    },
    feedClocks: { now: Date.now, monotonic: () => performance.now(), pause: (ms) => sleep(ms) },
    hint: hintTo(notifications.service, notificationRelay.name, () => notificationService().relay),
  });
});
