// Which attempts went to an address whose listener had been dead for a while: pure, from what was recorded.

import type { Attempt } from "../../support/recorded-attempts.ts";

/** A time during which nobody could answer at an address; epoch milliseconds. */
export interface Death {
  readonly origin: string;
  readonly from: number;
  /** When another process was started there. */
  readonly until: number;
}

export interface LateAttempt extends Attempt {
  /** Milliseconds since the death. */
  readonly deadFor: number;
}

const DEAD_MS = 1_000;

/** The attempts at addresses that had been dead for more than a second and `stallMs`, in the order of time. */
export function lateAttempts(
  attempts: readonly Attempt[],
  deaths: readonly Death[],
  stallMs: number,
): readonly LateAttempt[] {
  return [...attempts]
    .sort((one, other) => one.at - other.at)
    .flatMap((attempt) => {
      const death = deaths.find(
        ({ origin, from, until }) => origin === attempt.origin && attempt.at > from && attempt.at < until,
      );
      const deadFor = attempt.at - (death?.from ?? attempt.at);
      return deadFor > DEAD_MS + stallMs ? [{ ...attempt, deadFor }] : [];
    });
}
