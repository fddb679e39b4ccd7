// When a service belongs in the registry, judged by what its probes saw. Pure: no clock, no sockets.

/**
 * What one probe of `/health/` saw. `down`: it says so itself; `refused`: nobody listens; `stranger`: somebody else
 * answers there; `unclear`: no answer in time, or none that makes sense.
 */
export type Finding = "healthy" | "down" | "refused" | "stranger" | "unclear";

/** Whether the registry has the service. `unsure`: it did not answer when it was asked to take it in or out. */
export type Entry = "in" | "out" | "unsure";

export interface Health {
  readonly entry: Entry;
  /** It was in the registry at least once. */
  readonly seen: boolean;
  /** Unclear probes in a row. */
  readonly unclear: number;
  /** Probes since the watch began. */
  readonly probes: number;
}

/** What to do in the registry after a probe. */
export type Action = "register" | "deregister" | "none";

export const UNKNOWN: Health = { entry: "out", seen: false, unclear: 0, probes: 0 };

/** A busy process may miss one or two probes; three in a row are no coincidence. */
export const UNCLEAR_LIMIT = 3;

const FIRST_PROBE_MS = 50;
const PROBE_MS = 1_000;
/** Then it is not a matter of moments any more. */
const QUICK_PROBES = 100;

/** What to do after `finding`. The entry itself changes by {@link settled}, once the registry was asked. */
export function judge(health: Health, finding: Finding): { health: Health; action: Action } {
  const unclear = finding === "unclear" ? health.unclear + 1 : 0;
  const next = { ...health, unclear, probes: health.probes + 1 };
  if (finding === "healthy") return { health: next, action: health.entry === "in" ? "none" : "register" };
  const out = finding !== "unclear" || unclear >= UNCLEAR_LIMIT;
  return { health: next, action: health.entry !== "out" && out ? "deregister" : "none" };
}

/**
 * The health after `action` was asked of the registry. Without an answer nothing is sure: what was to be taken out is no
 * longer renewed, so it must be registered anew when it is healthy again; what was to be taken in may be in.
 */
export function settled(health: Health, action: Exclude<Action, "none">, answered: boolean): Health {
  if (!answered) return { ...health, entry: "unsure" };
  return action === "register" ? { ...health, entry: "in", seen: true } : { ...health, entry: "out" };
}

/** Milliseconds from one probe to the next: few until the service was up once, so that it is announced as soon as it is ready. */
export function probeEvery(health: Health): number {
  return health.seen || health.probes > QUICK_PROBES ? PROBE_MS : FIRST_PROBE_MS;
}
