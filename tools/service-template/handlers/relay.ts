// The relay of sample items: swept by schedule.

import { type RelayEvent, relayHandler, runRelay } from "../../../lib/outbox/relay-handler.ts";
import type { SweepBudget } from "../../../lib/outbox/sweep.ts";
import { platform } from "../../../lib/platform/platform.ts";
import { samples } from "../contract.ts";
import { sampleItemRelay } from "../relays.ts";
import { type SampleService, sampleService } from "../service.ts";

/** Closes sample items whose time is over. */
export const handle = ({ relay }: SampleService, event: RelayEvent, budget?: SweepBudget): Promise<void> =>
  runRelay(relay, event, budget);

export const handler = relayHandler(
  sampleItemRelay.name,
  samples.service,
  (event, budget) => handle(sampleService(), event, budget),
  () => [platform().table("samples")],
);
