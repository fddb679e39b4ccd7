// The relay of the sandbox provider: hinted after a decision, and swept by schedule.

import { relayHandler } from "../../../lib/outbox/relay.ts";
import { payments } from "../contract.ts";
import { SANDBOX_RELAY } from "../providers/sandbox/sandbox-relay.ts";
import { sandbox } from "../service.ts";

export const handler = relayHandler(SANDBOX_RELAY, payments.service, () => sandbox().relay);
