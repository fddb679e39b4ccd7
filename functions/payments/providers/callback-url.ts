// Where a provider sends its callbacks.

import type { Config } from "../../../lib/config/env.ts";
import { serviceUrl } from "../../../lib/config/service-settings.ts";
import { payments } from "../contract.ts";
import type { PaymentMethod } from "../payment.ts";

/** The public address of the callback route for `method`; undefined when the settings do not say where we are. */
export function callbackUrl(config: Config, method: PaymentMethod): string | undefined {
  const base = config.PAYMENT_CALLBACK_BASE_URL ?? serviceUrl(payments.service);
  const path = payments.routes.callback.path.replace("{method}", method);
  return base && `${base.replace(/\/$/, "")}${path}`;
}
