// The relay of notifications: runs on a hint after a write, and on a schedule.

import { type RelayEvent, relayHandler, runRelay } from "../../../lib/outbox/relay-handler.ts";
import type { SweepBudget } from "../../../lib/outbox/sweep.ts";
import { platform } from "../../../lib/platform/platform.ts";
import { notifications } from "../contract.ts";
import { notificationRelay } from "../relays.ts";
import { type NotificationService, notificationService } from "../service.ts";

/** Sends the mails and pushes that are due. */
export const handle = (
  { relay }: NotificationService,
  event: RelayEvent,
  budget?: SweepBudget,
): Promise<void> => runRelay(relay, event, budget);

export const handler = relayHandler(
  notificationRelay.name,
  notifications.service,
  (event, budget) => handle(notificationService(), event, budget),
  () => ["notifications"].map((name) => platform().table(name)),
);
