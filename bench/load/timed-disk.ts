// LevelDB with a clock: how long each batch takes, and how long this process waits for a core meanwhile.

import { readdirSync, readFileSync } from "node:fs";
import { type Disk, realDisk } from "../../local/database/disk.ts";
import { quantile } from "../../tests/support/quantiles.ts";
import type { BatchTimes } from "./job.ts";

export interface TimedDisk extends Disk {
  /** Of the batches since the last call. */
  takeTimes(): BatchTimes;
}

interface Batch {
  readonly ms: number;
  readonly waited: number;
}

const NONE: Batch = { ms: 0, waited: 0 };

export function timedDisk(): TimedDisk {
  let batches: Batch[] = [];
  return {
    ...realDisk,
    async openLevelDb(path) {
      const level = await realDisk.openLevelDb(path);
      const batch = level.batch.bind(level);
      level.batch = async (writes) => {
        const waitedBefore = waitedForCores();
        const begun = performance.now();
        await batch(writes);
        batches.push({ ms: performance.now() - begun, waited: waitedForCores() - waitedBefore });
      };
      return level;
    },
    takeTimes() {
      const longest = batches.reduce((most, batch) => (batch.ms > most.ms ? batch : most), NONE);
      const times = batches.map(({ ms }) => ms);
      batches = [];
      return { count: times.length, p99: quantile(times, 0.99), longest: longest.ms, waited: longest.waited };
    },
  };
}

/** How long all threads of this process have been ready to run without a core, in milliseconds (Linux). */
function waitedForCores(): number {
  const waits = readdirSync("/proc/self/task").map((thread) => {
    try {
      return Number(readFileSync(`/proc/self/task/${thread}/schedstat`, "utf8").split(" ")[1]);
    } catch {
      return 0; // It has ended.
    }
  });
  return waits.reduce((all, wait) => all + wait, 0) / 1e6;
}
