// Settings that PaymentService alone needs.

import { providerSettings } from "../../lib/config/provider-settings.ts";

/** Names of the settings of its providers: keys that no other function is given. */
export const settings: readonly string[] = Object.keys(providerSettings);
