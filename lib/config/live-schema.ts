// The live configuration: the schema of `cfmp-order` in Nacos, and the settings that result from it.

import * as z from "zod";
import { once } from "../core/once.ts";
import { DEFAULT_POLICY, type DiscoveryPolicy } from "../discovery/settings/policy.ts";
import type { Config } from "./env.ts";

// Built when a text is published: most processes on AWS have none.
const milliseconds = once(() => z.int().min(1).max(600_000));
const minutes = once(() => z.int().min(1).max(10_080));
const pageSize = once(() => z.int().min(1).max(100));

/** See `DiscoveryPolicy` for what each means. */
const discovery = once(() =>
  z.strictObject({
    attempt_timeout_ms: milliseconds().optional(),
    attempts_per_call: z.int().min(1).max(10).optional(),
    retry_share: z.number().min(0).max(1).optional(),
    retries_per_second: z.number().min(0).max(10_000).optional(),
    eject_after_failures: z.int().min(1).max(1_000).optional(),
    eject_first_ms: milliseconds().optional(),
    eject_longest_ms: milliseconds().optional(),
    latency_decay_ms: milliseconds().optional(),
    failure_penalty_ms: milliseconds().optional(),
    list_stale_ms: milliseconds().optional(),
    frozen_list_stale_ms: milliseconds().optional(),
    registry_wait_ms: milliseconds().optional(),
  }),
);

/** The configuration as it is published. A setting that it leaves out has the value of the environment. */
export const overlaySchema = once(() =>
  z.strictObject({
    page_size_default: pageSize().optional(),
    page_size_max: pageSize().optional(),
    order_expiry_minutes: minutes().optional(),
    payment_expiry_minutes: minutes().optional(),
    log_level: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).optional(),
    payments_enabled: z.boolean().optional(),
    discovery: discovery().optional(),
  }),
);

export type Overlay = z.infer<ReturnType<typeof overlaySchema>>;

/** The settings in effect. */
export interface LiveSettings {
  /** Size of a page when the request has no `limit`. */
  readonly page_size_default: number;
  /** Largest size of a page; a higher `limit` is reduced to it. */
  readonly page_size_max: number;
  /** Minutes until an unpaid order expires; applies to new orders. */
  readonly order_expiry_minutes: number;
  /** Minutes until a payment attempt expires; applies to new attempts. */
  readonly payment_expiry_minutes: number;
  readonly log_level: Config["LOG_LEVEL"];
  /** False: no payment can be started; those in progress continue. */
  readonly payments_enabled: boolean;
  readonly discovery: DiscoveryPolicy;
}

type Environment = Pick<Config, "ORDER_EXPIRY_MINUTES" | "PAYMENT_EXPIRY_MINUTES" | "LOG_LEVEL">;

/** The settings that result from `overlay` and the environment. */
export function liveSettings(env: Environment, overlay: Overlay = {}): LiveSettings {
  const page_size_max = overlay.page_size_max ?? 100;
  return {
    page_size_default: Math.min(overlay.page_size_default ?? 10, page_size_max),
    page_size_max,
    order_expiry_minutes: overlay.order_expiry_minutes ?? env.ORDER_EXPIRY_MINUTES,
    payment_expiry_minutes: overlay.payment_expiry_minutes ?? env.PAYMENT_EXPIRY_MINUTES,
    log_level: overlay.log_level ?? env.LOG_LEVEL,
    payments_enabled: overlay.payments_enabled ?? true,
    discovery: policyOf(overlay.discovery ?? {}),
  };
}

function policyOf(given: NonNullable<Overlay["discovery"]>): DiscoveryPolicy {
  const usual = DEFAULT_POLICY;
  return {
    attemptTimeoutMs: given.attempt_timeout_ms ?? usual.attemptTimeoutMs,
    attemptsPerCall: given.attempts_per_call ?? usual.attemptsPerCall,
    retryShare: given.retry_share ?? usual.retryShare,
    retriesPerSecond: given.retries_per_second ?? usual.retriesPerSecond,
    ejectAfterFailures: given.eject_after_failures ?? usual.ejectAfterFailures,
    ejectFirstMs: given.eject_first_ms ?? usual.ejectFirstMs,
    ejectLongestMs: given.eject_longest_ms ?? usual.ejectLongestMs,
    latencyDecayMs: given.latency_decay_ms ?? usual.latencyDecayMs,
    failurePenaltyMs: given.failure_penalty_ms ?? usual.failurePenaltyMs,
    listStaleMs: given.list_stale_ms ?? usual.listStaleMs,
    frozenListStaleMs: given.frozen_list_stale_ms ?? usual.frozenListStaleMs,
    registryWaitMs: given.registry_wait_ms ?? usual.registryWaitMs,
  };
}

/** Parses a published text: the overlay, or its problems field by field. */
export function parseOverlay(text: string): { readonly overlay: Overlay } | { readonly problems: string[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problems: ["it is not JSON"] };
  }
  const parsed = overlaySchema().safeParse(value);
  if (parsed.success) return { overlay: parsed.data };
  return {
    problems: parsed.error.issues.map(({ path, message }) =>
      [path.join("."), message].filter(Boolean).join(": "),
    ),
  };
}

/** The differences, each as `name: old → new`. */
export function changesBetween(before: LiveSettings, after: LiveSettings): string[] {
  const [old, now] = [flatSettings(before), flatSettings(after)];
  return Object.keys(now)
    .filter((name) => old[name] !== now[name])
    .map((name) => `${name}: ${old[name]} → ${now[name]}`);
}

/** The settings by the names that they have in a document; those of the policy begin with `discovery.`. */
export function flatSettings({ discovery: policy, ...rest }: LiveSettings): Record<string, unknown> {
  const named = Object.entries(policy).map(([name, value]) => [`discovery.${snakeCase(name)}`, value]);
  return { ...rest, ...Object.fromEntries(named) };
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
