// The relay of the sandbox provider: runs on a hint after a decision, and on a schedule.

import { type RelayEvent, relayHandler, runRelay } from "../../../lib/outbox/relay-handler.ts";
import type { SweepBudget } from "../../../lib/outbox/sweep.ts";
import { platform } from "../../../lib/platform/platform.ts";
import { payments } from "../contract.ts";
import type { Sandbox } from "../providers/sandbox/sandbox.ts";
import { sandboxRelay } from "../relays.ts";
import { sandbox } from "../service.ts";

/** Sends the callbacks of the sandbox provider. */
export const handle = ({ relay }: Sandbox, event: RelayEvent, budget?: SweepBudget): Promise<void> =>
  runRelay(relay, event, budget);

export const handler = relayHandler(
  sandboxRelay.name,
  payments.service,
  (event, budget) => handle(sandbox(), event, budget),
  () => [platform().table("sandbox")],
);
