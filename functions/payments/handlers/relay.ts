// The relay of payments: runs on a hint after a write, and on a schedule.

import { type RelayEvent, relayHandler, runRelay } from "../../../lib/outbox/relay-handler.ts";
import type { SweepBudget } from "../../../lib/outbox/sweep.ts";
import { platform } from "../../../lib/platform/platform.ts";
import { payments } from "../contract.ts";
import { paymentRelay } from "../relays.ts";
import { type PaymentService, paymentService } from "../service.ts";

/** Delivers events of payments, requests refunds, and checks attempts at their providers. */
export const handle = ({ relay }: PaymentService, event: RelayEvent, budget?: SweepBudget): Promise<void> =>
  runRelay(relay, event, budget);

export const handler = relayHandler(
  paymentRelay.name,
  payments.service,
  (event, budget) => handle(paymentService(), event, budget),
  () => ["payments", "unmatched"].map((name) => platform().table(name)),
);
