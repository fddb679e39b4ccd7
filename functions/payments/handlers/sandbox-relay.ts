// The relay of the sandbox provider: runs on a hint after a decision, and on a schedule.

import { type RelayEvent, relayHandler, runRelay } from "../../../lib/outbox/relay.ts";
import { platform } from "../../../lib/platform/platform.ts";
import { payments } from "../contract.ts";
import type { Sandbox } from "../providers/sandbox/sandbox.ts";
import { sandboxRelay } from "../relays.ts";
import { sandbox } from "../service.ts";

/** Sends the callbacks of the sandbox provider. */
export const handle = ({ relay }: Sandbox, event: RelayEvent): Promise<void> => runRelay(relay, event);

export const handler = relayHandler(
  sandboxRelay.name,
  payments.service,
  (event) => handle(sandbox(), event),
  () => [platform().table("sandbox")],
);
