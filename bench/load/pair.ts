// Compares two requests, alternating one at a time: measurements a minute apart would differ more than the requests do.

import { percentile } from "./closed-loop.ts";
import { requester } from "./http.ts";
import type { PairJob, PairMeasured } from "./job.ts";

/** Sends the same request as two users, each first in half of the turns. The first third warms up. */
export async function runPair({ url, users, forMs }: PairJob): Promise<PairMeasured> {
  const { origin, pathname } = new URL(url);
  const send = requester(origin, 1);
  const latencies: [number[], number[]] = [[], []];
  const begun = performance.now();
  const ask = async (which: 0 | 1) => {
    const from = performance.now();
    await send({ method: "GET", path: pathname, headers: { uuid: users[which] } }, 200);
    const to = performance.now();
    if (from - begun > forMs / 3) latencies[which].push(to - from);
  };
  for (let turn = 0; performance.now() - begun < forMs; turn += 1) {
    await ask(turn % 2 === 0 ? 0 : 1);
    await ask(turn % 2 === 0 ? 1 : 0);
  }
  const p50 = (values: number[]) =>
    percentile(
      values.sort((a, b) => a - b),
      0.5,
    );
  return { p50: [p50(latencies[0]), p50(latencies[1])] };
}
