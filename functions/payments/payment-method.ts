// The ways to pay: one for each provider.

import * as listed from "./providers/index.ts";

/** All providers there are, offered or not. */
export const PROVIDERS = Object.values(listed);

export type PaymentMethod = (typeof PROVIDERS)[number]["method"];

export const PAYMENT_METHODS: readonly PaymentMethod[] = PROVIDERS.map(({ method }) => method);
