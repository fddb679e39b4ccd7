// Which attempts went to an address whose listener had been dead for a while: pure, from what was written down.

/** A time during which nobody could answer at an address; epoch milliseconds. */
export interface Death {
  readonly origin: string;
  readonly from: number;
  /** When another process was started there. */
  readonly until: number;
}

export interface Attempt {
  /** The process that made it. */
  readonly caller: string;
  readonly origin: string;
  readonly path: string;
  /** Epoch milliseconds. */
  readonly at: number;
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

/** Parses what run-recorder.ts wrote in the process `caller`. */
export function parseAttempts(caller: string, text: string): readonly Attempt[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [at = "", origin = "", path = ""] = line.split(" ");
      return { caller, origin, path, at: Number(at) };
    });
}
