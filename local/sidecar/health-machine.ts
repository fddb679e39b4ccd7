// Decides by the results of probes when a service is registered and deregistered. Pure: no clock, no sockets.

import type { Finding } from "../../lib/discovery/peer/health-reply.ts";

/** Whether the service is registered. `unsure`: the registry did not answer the last registration or deregistration. */
export type Entry = "in" | "out" | "unsure";

export interface Health {
  readonly entry: Entry;
  /** True when it was registered at least once. */
  readonly registeredBefore: boolean;
  /** Number of probes in a row that were unclear or silent. */
  readonly unclear: number;
  /** Number of probes since the watch began. */
  readonly probes: number;
}

/** What to do in the registry after a probe. */
export type Action = "register" | "deregister" | "none";

export const UNKNOWN: Health = { entry: "out", registeredBefore: false, unclear: 0, probes: 0 };

/** Unclear or silent probes in a row after which a service is deregistered; a busy process may miss one or two. */
export const UNCLEAR_LIMIT = 3;

const FIRST_PROBE_MS = 50;
/** Milliseconds between probes: of a service that is not well, or of whichever service of the process has its turn. */
export const PROBE_MS = 1_000;
/** Number of quick probes after the start; then the normal interval is used. */
const QUICK_PROBES = 100;

/** The action after `finding`. The entry itself is changed by {@link settled}, after the registry was called. */
export function judge(health: Health, finding: Finding): { health: Health; action: Action } {
  const certain = finding !== "unclear" && finding !== "silent";
  const unclear = certain ? 0 : health.unclear + 1;
  const next = { ...health, unclear, probes: health.probes + 1 };
  if (finding === "healthy") return { health: next, action: health.entry === "in" ? "none" : "register" };
  const out = certain || unclear >= UNCLEAR_LIMIT;
  return { health: next, action: health.entry !== "out" && out ? "deregister" : "none" };
}

/**
 * The health after the registry was called for `action`. Without an answer the entry is unsure: after a deregistration the
 * instance is no longer renewed, so it has to be registered again when it is healthy; a registration may have had an effect.
 */
export function settled(health: Health, action: Exclude<Action, "none">, answered: boolean): Health {
  if (!answered) return { ...health, entry: "unsure" };
  return action === "register"
    ? { ...health, entry: "in", registeredBefore: true }
    : { ...health, entry: "out" };
}

/**
 * Milliseconds between probes of a service: short until it was registered once, so that it is registered as soon as it is ready; while
 * it is well, one second for each of the `sharing` services of its process, which are probed by turns.
 */
export function probeEvery(health: Health, sharing: number): number {
  if (health.entry === "in" && health.unclear === 0) return PROBE_MS * sharing;
  return health.registeredBefore || health.probes > QUICK_PROBES ? PROBE_MS : FIRST_PROBE_MS;
}
