// The relay of webhooks: runs on a hint after a write, and on a schedule.

import { type RelayEvent, relayHandler, runRelay } from "../../../lib/outbox/relay-handler.ts";
import type { SweepBudget } from "../../../lib/outbox/sweep.ts";
import { platform } from "../../../lib/platform/platform.ts";
import { forPeers } from "../peer-contract.ts";
import { webhookRelay } from "../relays.ts";
import { type NotificationService, notificationService } from "../service.ts";

/** Sends the messages that are due. */
export const handle = (
  service: NotificationService,
  event: RelayEvent,
  budget?: SweepBudget,
): Promise<void> => runRelay(service.webhookRelay, event, budget);

export const handler = relayHandler(
  webhookRelay.name,
  forPeers.service,
  (event, budget) => handle(notificationService(), event, budget),
  () => ["deliveries"].map((name) => platform().table(name)),
);
