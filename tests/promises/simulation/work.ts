// Many histories in chunks, here or in processes beside this one.

import { Child } from "../../support/child.ts";
import { type Explored, explore } from "./explore.ts";

/** What came of one chunk. */
export interface Part extends Explored {
  readonly type: "part";
  /** How long a core was busy with it. */
  readonly cpuMs: number;
}

/** Which histories, and until when (epoch milliseconds) another chunk may begin. */
export interface Share {
  readonly seed: number;
  readonly runs: number;
  readonly until: number;
}

const CHUNK = 250;

/** Runs a share in chunks and reports each; the event loop turns in between. */
export async function work({ seed, runs, until }: Share, report: (part: Part) => void): Promise<void> {
  for (let done = 0; done < runs && Date.now() < until; done += CHUNK) {
    const before = process.cpuUsage();
    const explored = await explore(seed + done, Math.min(CHUNK, runs - done));
    const { user, system } = process.cpuUsage(before);
    report({ type: "part", ...explored, cpuMs: (user + system) / 1_000 });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Runs a share in a process of its own, which ends when this one does. */
export async function workInChild(share: Share, report: (part: Part) => void): Promise<void> {
  const child = new Child<Part>(`${import.meta.dirname}/run-worker.ts`, share);
  child.on(report);
  const code = await child.exit;
  if (code !== 0) throw new Error(`A worker ended with ${code}`);
}
