// The relay of webhooks: runs on a hint after a write, and on a schedule.

import { type RelayEvent, relayHandler, runRelay } from "../../../lib/outbox/relay.ts";
import { platform } from "../../../lib/platform/platform.ts";
import { notifications } from "../contract.ts";
import { webhookRelay } from "../relays.ts";
import { type NotificationService, notificationService } from "../service.ts";

/** Sends the messages that are due. */
export const handle = (service: NotificationService, event: RelayEvent): Promise<void> =>
  runRelay(service.webhookRelay, event);

export const handler = relayHandler(
  webhookRelay.name,
  notifications.service,
  (event) => handle(notificationService(), event),
  () => ["deliveries"].map((name) => platform().table(name)),
);
