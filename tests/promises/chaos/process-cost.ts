// What a process costs, second by second, as the kernel counts it (Linux).

import { readFileSync } from "node:fs";

export interface Sample {
  /** Seconds since the first. */
  readonly at: number;
  /** CPU milliseconds used so far. */
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** The kernel counts CPU time in hundredths of a second. */
const TICK_MS = 10;

/** Reads /proc. Throws when there is no such process. */
export function readSample(pid: number, at: number): Sample {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // utime and stime: fields 14 and 15 of proc(5), of which two come before the parenthesis.
  const cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { at, cpuMs, rssMb: Number(rss) / 1_024 };
}

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
