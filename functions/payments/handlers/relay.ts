// The relay of payments: hinted after a write, and swept by schedule.

import { relayHandler } from "../../../lib/outbox/relay.ts";
import { payments } from "../contract.ts";
import { PAYMENTS_RELAY } from "../payment-relay.ts";
import { paymentService } from "../service.ts";

export const handler = relayHandler(PAYMENTS_RELAY, payments.service, () => paymentService().relay);
