// What the callers of a fleet must have got, whatever faults hit it.

import { availableParallelism, loadavg } from "node:os";
import { lateAttempts } from "./attempts.ts";
import type { Checks } from "./checks.ts";
import type { Fleet } from "./fleet.ts";
import type { DriverReport } from "./run-driver.ts";

/** The smallest share of the intended calls with which a run is conclusive; a busy machine makes fewer. */
const LEAST_SHARE = 0.1;

/** No call failed, and there were enough of them; `rate`: how many were wanted per second. */
export function judgeCalls(
  report: DriverReport,
  rate: number,
  { check }: Checks,
  say: (line: string) => void,
): void {
  const { calls, seconds, failures, p50, p99, longest, flows, databaseAway } = report;
  const least = Math.round(rate * seconds * LEAST_SHARE);
  for (const { at, what, why, tookMs } of failures.slice(0, 20)) {
    say(`        ${new Date(at).toISOString()} ${what} after ${tookMs} ms: ${why}`);
  }
  check(
    "calls between services failed",
    failures.length === 0,
    `${failures.length} of ${calls + failures.length}; p50 ${p50} ms, p99 ${p99} ms, longest ${longest} ms`,
  );
  check(
    `at least ${least} calls were answered`,
    calls >= least,
    `${calls}, ${Math.round(calls / seconds)}/s over ${seconds} s (load ${(loadavg()[0] ?? 0).toFixed(1)} on ${availableParallelism()} cores)`,
  );
  check(
    "orders were created and paid meanwhile (payments call orders)",
    flows > 0,
    `${flows}; ${databaseAway} commands sent again because the database was being restarted`,
  );
}

/** Word of a death takes as much longer as this machine keeps the processes on its way waiting for a core: `stallMs` is the longest wait of one. */
export function judgeAttempts(
  fleet: Fleet,
  stallMs: number,
  { check }: Checks,
  say: (line: string) => void,
): void {
  const recorded = fleet.recorded();
  const { attempts, deaths, outages } = recorded;
  const late = lateAttempts(recorded, stallMs);
  for (const { caller, origin, deadFor, path } of late.slice(0, 20)) {
    say(`        process ${caller} called ${origin}${path}, dead for ${deadFor} ms`);
  }
  const callers = new Set(attempts.map(({ caller }) => caller)).size;
  check(
    `attempts at an address a second, and three times the longest wait for a core (${stallMs} ms), after its death, but for one per caller where the registry was away within a second of it`,
    attempts.length > 0 && late.length === 0,
    `${late.length} of ${attempts.length} by ${callers} processes, at ${deaths.length} deaths and ${outages.length} outages of the registry (probes are not counted)`,
  );
}

/** The registry has what runs, each once; `after` says what happened before. */
export async function judgeConvergence(fleet: Fleet, { check }: Checks, after: string): Promise<void> {
  const wrong = await fleet.converged().then(
    () => undefined,
    (error: Error) => error.message,
  );
  check(
    "afterwards the registry lists each instance once, healthy",
    wrong === undefined,
    `${wrong ?? `${fleet.members.length} instances`}, after ${after}`,
  );
}
