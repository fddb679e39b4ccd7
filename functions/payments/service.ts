// Composes PaymentService: store, peers, providers, relay. Handlers take what they need from here.

import { deriveKeys } from "../../lib/auth/keys.ts";
import { ConfigError } from "../../lib/config/env.ts";
import { environment } from "../../lib/config/environment.ts";
import { live } from "../../lib/config/live.ts";
import { perSettings } from "../../lib/config/per-settings.ts";
import { hintTo } from "../../lib/outbox/hint.ts";
import { DELIVERY } from "../../lib/outbox/outbox.ts";
import type { Relay } from "../../lib/outbox/relay.ts";
import { platform } from "../../lib/platform/platform.ts";
import { forPeers as notifications } from "../notifications/peer-contract.ts";
import { orders } from "../orders/contract.ts";
import { payments } from "./contract.ts";
import { createPaymentRelay } from "./payment-relay.ts";
import { type PaymentStore, paymentStore } from "./payment-store.ts";
import type { PaymentPorts } from "./ports.ts";
import { offeredProviders } from "./providers/offered.ts";
import { createSandbox, type Sandbox } from "./providers/sandbox/sandbox.ts";
import { sandboxSecrets } from "./providers/sandbox/signature.ts";
import { paymentRelay, sandboxRelay } from "./relays.ts";
import { settingProblems } from "./settings.ts";
import { type UnmatchedStore, unmatchedStore } from "./unmatched-store.ts";

export interface PaymentService {
  readonly ports: PaymentPorts;
  readonly store: PaymentStore;
  readonly unmatched: UnmatchedStore;
  readonly relay: Relay;
}

/** A PaymentService with the given ports. */
export function createPaymentService(ports: PaymentPorts): PaymentService {
  const store = paymentStore(ports.table);
  const unmatched = unmatchedStore(ports.unmatched);
  return { ports, store, unmatched, relay: createPaymentRelay({ store, unmatched }, ports) };
}

/** This process's PaymentService. @throws {ConfigError} naming each of its settings that is wrong or missing. */
export const paymentService: () => PaymentService = perSettings(() => {
  const { config, secrets, table, client } = platform();
  // Nobody has seen what references to secrets stand for. A wrong value must not just hide a payment method.
  const env = environment();
  const problems = settingProblems(env, config.DEBUG);
  if (problems.length > 0) throw new ConfigError(problems);
  const { provider, decide } = sandbox();
  return createPaymentService({
    table: table("payments"),
    unmatched: table("unmatched"),
    orders: client(orders, payments.service),
    notifications: client(notifications, payments.service),
    providers: offeredProviders(env, config.DEBUG, provider),
    decide,
    cursorKeys: deriveKeys(secrets, "cursor"),
    get lifetime() {
      return live().payment_expiry_minutes * 60_000;
    },
    debug: config.DEBUG,
    delivery: { ...DELIVERY, maxTries: config.OUTBOX_MAX_TRIES },
    now: Date.now,
    hint: hintTo(payments.service, paymentRelay.name, () => paymentService().relay),
  });
});

/** This process's sandbox provider. */
export const sandbox: () => Sandbox = perSettings(() => {
  const shared = platform();
  return createSandbox({
    table: shared.table("sandbox"),
    secrets: sandboxSecrets(environment(), shared.secrets),
    call: (service, request) => shared.discovery.call(service, request),
    delivery: { ...DELIVERY, maxTries: shared.config.OUTBOX_MAX_TRIES },
    now: Date.now,
    hint: hintTo(payments.service, sandboxRelay.name, () => sandbox().relay),
  });
});
