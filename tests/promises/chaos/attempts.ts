// Which attempts went to an address whose listener had been dead for a while: pure, from what was recorded.

import type { Attempt } from "../../support/recorded-attempts.ts";

/** A time during which nobody could answer at an address; epoch milliseconds. */
export interface Death {
  readonly origin: string;
  readonly from: number;
  /** Whether somebody who survived could tell the registry; otherwise it knows only by missing heartbeats. */
  readonly announced: boolean;
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

/** Milliseconds after which callers know of a death that was announced. */
const ANNOUNCED_MS = 1_000;
/** Milliseconds after which the registry has removed an instance without heartbeats. */
const REMOVED_MS = 6_000;

/**
 * The attempts at addresses that had been dead for too long, in the order of time: each one a second after the death, but
 * for one per caller at a death that nobody announced: that one tells it. After a pause the caller's time begins anew, and
 * `stallMs` is added to each limit.
 */
export function lateAttempts(
  attempts: readonly Attempt[],
  deaths: readonly Death[],
  pauses: readonly Pause[],
  stallMs: number,
): readonly LateAttempt[] {
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
      const stopped = pauses
        .filter(({ caller, until }) => caller === attempt.caller && until <= attempt.at)
        .map(({ until }) => until);
      const limit = first && !death.announced ? REMOVED_MS : ANNOUNCED_MS;
      const late = attempt.at - Math.max(death.from, ...stopped) > limit + stallMs;
      return late ? [{ ...attempt, deadFor: attempt.at - death.from }] : [];
    });
}
