// The available providers: those that are configured.

import type { Environment } from "../../../lib/config/env.ts";
import { type PaymentMethod, PROVIDERS } from "../payment-method.ts";
import { callbackUrl } from "../settings.ts";
import type { Provider } from "./provider.ts";
import { tracedProvider } from "./traced-provider.ts";

/** The providers configured in `env`, by method; `sandbox` is the one that is part of this system. */
export function offeredProviders(
  env: Environment,
  debug: boolean,
  sandbox: Provider,
): ReadonlyMap<PaymentMethod, Provider> {
  const place = { env, debug, sandbox, callbackUrl: (method: string) => callbackUrl(env, method) };
  return new Map<PaymentMethod, Provider>(
    PROVIDERS.flatMap((entry) => {
      const provider = entry.offer(place);
      return provider === undefined ? [] : [[entry.method, tracedProvider(provider)] as const];
    }),
  );
}
