// What a process costs, second by second, as the kernel counts it (Linux).

import { cpuTime, residentMb } from "../../support/processes.ts";

export interface Sample {
  /** Seconds since the first. */
  readonly at: number;
  /** CPU milliseconds used so far. */
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** What the process has cost so far; zeros when there is none. */
export const readSample = (pid: number, at: number): Sample => ({
  at,
  cpuMs: cpuTime(pid),
  rssMb: residentMb(pid),
});

/** CPU milliseconds per second between `from` and `until` (seconds). */
export function cpuPerSecond(samples: readonly Sample[], from: number, until: number): number {
  const within = between(samples, from, until);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined || last.at === first.at) return 0;
  return (last.cpuMs - first.cpuMs) / (last.at - first.at);
}

/** By how many MB resident memory grew per minute between `from` and `until`: the slope of the line that fits best. */
export function growthPerMinute(samples: readonly Sample[], from: number, until: number): number {
  const within = between(samples, from, until);
  const mean = (of: (sample: Sample) => number) =>
    within.reduce((sum, sample) => sum + of(sample), 0) / within.length;
  const [at, rss] = [mean((sample) => sample.at), mean((sample) => sample.rssMb)];
  const spread = within.reduce((sum, sample) => sum + (sample.at - at) ** 2, 0);
  const joint = within.reduce((sum, sample) => sum + (sample.at - at) * (sample.rssMb - rss), 0);
  return spread === 0 ? 0 : (joint / spread) * 60;
}

const between = (samples: readonly Sample[], from: number, until: number): readonly Sample[] =>
  samples.filter(({ at }) => at >= from && at <= until);
