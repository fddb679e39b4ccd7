// The relay of sample items: swept by schedule.

import { type RelayEvent, relayHandler, runRelay } from "../../../lib/outbox/relay.ts";
import { platform } from "../../../lib/platform/platform.ts";
import { samples } from "../contract.ts";
import { sampleItemRelay } from "../relays.ts";
import { type SampleService, sampleService } from "../service.ts";

/** Closes sample items whose time is over. */
export const handle = ({ relay }: SampleService, event: RelayEvent): Promise<void> => runRelay(relay, event);

export const handler = relayHandler(
  sampleItemRelay.name,
  samples.service,
  (event) => handle(sampleService(), event),
  () => [platform().table("samples")],
);
