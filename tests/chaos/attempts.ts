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
  /**
   * A trial: the caller knew from an attempt of its own that nobody answered there, and left the address alone for the
   * time of an ejection before it looked again with a request that can be repeated (half-open probing).
   */
  readonly trial: boolean;
}

export const DEAD_MS = 1_000;
/** The shortest ejection of lib/discovery is half a second. */
const LEFT_ALONE_MS = 450;

/** The attempts at addresses that had been dead for more than a second, those of one caller in the order of time. */
export function lateAttempts(attempts: readonly Attempt[], deaths: readonly Death[]): readonly LateAttempt[] {
  const known = new Map<string, number>();
  return [...attempts]
    .sort((one, other) => one.at - other.at)
    .flatMap((attempt) => {
      const death = deaths.find(
        ({ origin, from, until }) => origin === attempt.origin && attempt.at > from && attempt.at < until,
      );
      if (death === undefined) return [];
      const key = `${attempt.caller} ${attempt.origin} ${death.from}`;
      const before = known.get(key);
      known.set(key, attempt.at);
      const deadFor = attempt.at - death.from;
      if (deadFor <= DEAD_MS) return [];
      return [{ ...attempt, deadFor, trial: before !== undefined && attempt.at - before >= LEFT_ALONE_MS }];
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
