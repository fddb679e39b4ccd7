// What SIGINT and SIGTERM mean to a process that ends in order: the first begins that, a later one ends it at once.

/**
 * One signal may come twice: what a terminal or a supervisor sends to a whole process group reaches a process by itself, and once more
 * through npm, some milliseconds later. Where `sh` is bash, npm's own child is that process.
 */
const SAME_MS = 500;

export type Meaning = "first" | "same" | "again";

/** Tells what each signal means by when it comes. `begun` is when the first one came, if that is known already. */
export function signalMeanings(begun?: number): (at: number) => Meaning {
  let first = begun;
  return (at) => {
    if (first === undefined) {
      first = at;
      return "first";
    }
    return at - first < SAME_MS ? "same" : "again";
  };
}

/** Calls `end` at the first signal; another one ends the process with 130. */
export function endOnSignals(end: () => void): void {
  listen(signalMeanings(), end);
}

/** For a process whose first signal somebody else has had just now: another one ends it with 130. */
export function endOnAnotherSignal(): void {
  listen(signalMeanings(performance.now()), () => {});
}

function listen(meaningAt: (at: number) => Meaning, end: () => void): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      const meaning = meaningAt(performance.now());
      if (meaning === "first") end();
      else if (meaning === "again") process.exit(130);
    });
  }
}
