// The relay of notifications: runs on a hint after a write, and on a schedule.

import { type RelayEvent, relayHandler, runRelay } from "../../../lib/outbox/relay.ts";
import { platform } from "../../../lib/platform/platform.ts";
import { notifications } from "../contract.ts";
import { notificationRelay } from "../relays.ts";
import { type NotificationService, notificationService } from "../service.ts";

/** Sends the mails and pushes that are due. */
export const handle = ({ relay }: NotificationService, event: RelayEvent): Promise<void> =>
  runRelay(relay, event);

export const handler = relayHandler(
  notificationRelay.name,
  notifications.service,
  (event) => handle(notificationService(), event),
  () => ["notifications"].map((name) => platform().table(name)),
);
