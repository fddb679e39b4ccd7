// Which attempts went to an address whose listener had been dead for too long: pure, from what was recorded.

import type { Attempt } from "../../support/recorded-attempts.ts";
import type { Outage } from "./registry-outages.ts";

/** A time during which nobody could answer at an address; epoch milliseconds. */
export interface Death {
  readonly origin: string;
  readonly from: number;
  /** When another process was started there. */
  readonly until: number;
}

/** A process was stopped until then, and could learn nothing. */
export interface Pause {
  readonly caller: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

export interface LateAttempt extends Attempt {
  /** Milliseconds since the death. */
  readonly deadFor: number;
}

/** What was recorded of a fleet. */
export interface Recorded {
  readonly attempts: readonly Attempt[];
  readonly deaths: readonly Death[];
  readonly pauses: readonly Pause[];
  readonly outages: readonly Outage[];
}

/** Milliseconds after which callers know of a death, if the registry answers: it knows by the lease that the dead process held. */
const KNOWN_MS = 1_000;
/** Milliseconds after which a registry that answers again lists nothing that sends no heartbeats. */
const REMOVED_MS = 6_000;
/** Processes that wait for a core one after the other until a caller knows: the sidecar, the registry, the caller itself. */
const PROCESSES_ON_THE_WAY = 3;

/**
 * The attempts at addresses that had been dead for more than a second, in the order of time. Exempt is only the first attempt of each
 * caller at a death within a second of an outage of the registry, until six seconds after the outage: there was nobody to tell it.
 * After a pause the caller's time begins anew. To each time is added what the processes on the way wait for a core:
 * `stallMs` is the longest wait of one.
 */
export function lateAttempts(
  { attempts, deaths, pauses, outages }: Recorded,
  stallMs: number,
): readonly LateAttempt[] {
  const waits = PROCESSES_ON_THE_WAY * stallMs;
  const aware = new Map<Death, Set<string>>(deaths.map((death) => [death, new Set()]));
  return [...attempts]
    .sort((one, other) => one.at - other.at)
    .flatMap((attempt) => {
      const death = deaths.find(
        ({ origin, from, until }) => origin === attempt.origin && attempt.at > from && attempt.at < until,
      );
      if (death === undefined) return [];
      const callers = aware.get(death);
      const first = callers?.has(attempt.caller) !== true;
      callers?.add(attempt.caller);
      if (first && attempt.at <= untold(death, outages, waits)) return [];
      const stopped = pauses
        .filter(({ caller, until }) => caller === attempt.caller && until <= attempt.at)
        .map(({ until }) => until);
      const late = attempt.at - Math.max(death.from, ...stopped) > KNOWN_MS + waits;
      return late ? [{ ...attempt, deadFor: attempt.at - death.from }] : [];
    });
}

/** The time until which a caller need not know of a death, because the registry was away when it could have learned of it. */
function untold({ from }: Death, outages: readonly Outage[], waits: number): number {
  const margin = KNOWN_MS + waits;
  const near = outages.filter((outage) => outage.from - margin < from && from < outage.until + margin);
  return Math.max(...near.map(({ until }) => until + REMOVED_MS + waits));
}
