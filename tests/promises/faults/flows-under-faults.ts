// Flows create → pay → callback (→ refund) while at random a part of the system is killed or its disk is filled.

import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../../tools/own-system/random.ts";
import { PARTS, RealSystem } from "../../support/real-system.ts";
import { SERVICE_KEYS } from "../../support/shop.ts";
import { flowsBeside } from "./flows-beside.ts";
import { fillFor } from "./full-disk.ts";

/** What may fail: a part is killed, or the disk has no space for a moment. */
export const FAULTY_PARTS = [...PARTS, "disk"] as const;

export type FaultyPart = (typeof FAULTY_PARTS)[number];

export interface FaultOptions {
  /** How many at least: they go on until something has failed. */
  readonly flows: number;
  readonly seed: number;
  /** What fails, one of them each time. */
  readonly parts: readonly FaultyPart[];
  /** A folder on a small file system for the data; the part `disk` needs it. */
  readonly disk?: string | undefined;
  /** Each service in a process of its own, or all in one. */
  readonly apart: boolean;
  /** After so many faults there are no more; no bound without it. */
  readonly mostFaults?: number;
  /** Longest pause before a flow, in milliseconds: spreads them over more faults. */
  readonly pauseMs: number;
  readonly say: (line: string) => void;
}

export interface FaultReport {
  readonly flows: number;
  /** How often each part failed. */
  readonly faults: Readonly<Record<string, number>>;
  /** Requests that got no answer, or a 5xx, and were sent again. */
  readonly repeated: number;
  /** Milliseconds from the end of the last fault until everything had settled. */
  readonly settledMs: number;
  /** Every broken promise, in words; empty when all were kept. */
  readonly violations: readonly string[];
}

/** Runs the flows and the faults side by side, then looks at every deal through the public API. */
export async function flowsUnderFaults(options: FaultOptions): Promise<FaultReport> {
  const { seed, parts, disk, apart, mostFaults = Number.POSITIVE_INFINITY, say } = options;
  const random = seededRandom(seed);
  const runtimes = apart ? SERVICE_KEYS.map((key) => ({ keys: [key] })) : [{}];
  const system = await RealSystem.start({ runtimes, held: true, parent: disk });
  const faults: Record<string, number> = {};
  let mended = performance.now();

  async function fail(part: FaultyPart): Promise<string> {
    if (part !== "disk") return system.kill(part, random);
    await fillFor(system.dataDir, 500 + random() * 2_500);
    return "disk (no space)";
  }

  async function failing(over: () => boolean, through: () => number): Promise<void> {
    for (let failed = 0; failed < mostFaults; failed += 1) {
      await sleep(300 + random() * 2_700);
      const part = parts[Math.floor(random() * parts.length)];
      if (over() || part === undefined) return;
      const what = await fail(part);
      mended = performance.now();
      faults[what] = (faults[what] ?? 0) + 1;
      say(`failed: ${what} (${through()} flows are through)`);
    }
  }

  try {
    const enough = () => Object.keys(faults).length > 0;
    const seen = await flowsBeside(system, { ...options, random }, { run: failing, enough });
    const { flows, repeated, settledAt, violations } = seen;
    const settledMs = Math.max(0, Math.round(settledAt - mended));
    return { flows, faults, repeated: repeated.length, settledMs, violations };
  } finally {
    await system.cleanUp();
  }
}
