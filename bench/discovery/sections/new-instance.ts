// How soon a new instance gets its first request.

import { median } from "../../../tests/support/quantiles.ts";
import type { Side } from "../side.ts";

export interface FirstRequest {
  /** Milliseconds from the start of its process, and from when it listened; medians. */
  readonly fromSpawn: number;
  readonly fromListening: number;
  readonly starts: number;
}

/** Starts and ends `starts` instances, one after another, under the load of the side's caller. */
export async function measureNewInstance(side: Side, starts: number): Promise<FirstRequest> {
  const fromSpawn: number[] = [];
  const fromListening: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    const instance = await side.begin();
    const { at } = await instance.process.receive("first-request");
    fromSpawn.push(at - instance.process.spawnedAt);
    fromListening.push(at - instance.listeningAt);
    side.instances.splice(side.instances.indexOf(instance), 1);
    await instance.process.end();
  }
  return { fromSpawn: median(fromSpawn), fromListening: median(fromListening), starts };
}
