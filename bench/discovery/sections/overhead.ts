// What a discovered call costs over a direct request to the same peer, taken by turns.

import { Agent, request } from "undici";
import { createCaller } from "../../../lib/discovery/call/caller.ts";
import { PeerHttp } from "../../../lib/discovery/peer/peer-http.ts";
import { quantile } from "../../../tests/support/quantiles.ts";
import type { Children } from "../children.ts";
import type { FromPeer } from "../messages.ts";
import { instanceAt, resolverOf } from "../static-list.ts";

export interface Overhead {
  /** p50 in milliseconds: the global `fetch`, `undici.request` with an agent of its own, and a discovered call. */
  readonly fetch: number;
  readonly request: number;
  readonly discovered: number;
  /** Median of the differences within each round, in microseconds. */
  readonly overFetchUs: number;
  readonly overRequestUs: number;
  readonly rounds: number;
}

const SERVICE = "BenchService";
const WARM_UP = 500;

export async function measureOverhead(children: Children, rounds: number): Promise<Overhead> {
  const job = { service: SERVICE, announced: "none", nacosServer: "", delays: [0] };
  const peer = children.fork<FromPeer>("processes/run-peer.ts", job);
  const { ports, instance } = await peer.receive("listening");
  const port = ports[0] ?? 0;
  const ways = waysTo(port, instance);
  const taken: number[][] = ways.map(() => []);
  for (let round = -WARM_UP; round < rounds; round += 1) {
    // Each way is first, second and third equally often.
    for (let turn = 0; turn < ways.length; turn += 1) {
      const which = (turn + round + WARM_UP) % ways.length;
      const began = performance.now();
      await ways[which]?.();
      if (round >= 0) taken[which]?.push(performance.now() - began);
    }
  }
  await peer.end();
  const [byFetch = [], byRequest = [], discovered = []] = taken;
  const over = (other: readonly number[]) =>
    quantile(
      discovered.map((ms, round) => (ms - (other[round] ?? 0)) * 1_000),
      0.5,
    );
  return {
    fetch: quantile(byFetch, 0.5),
    request: quantile(byRequest, 0.5),
    discovered: quantile(discovered, 0.5),
    overFetchUs: over(byFetch),
    overRequestUs: over(byRequest),
    rounds,
  };
}

/** The same request three ways; each over connections of its own, one at a time. */
function waysTo(port: number, instance: string): readonly (() => Promise<unknown>)[] {
  const url = `http://127.0.0.1:${port}/answer/`;
  const headers = { "content-type": "application/json", authorization: "Bearer token" };
  const body = JSON.stringify({ amount: 29_999 });
  const dispatcher = new Agent({ connections: 64, keepAliveTimeout: 4_000 });
  const call = createCaller({
    resolver: resolverOf([instanceAt(SERVICE, port, instance)]),
    http: new PeerHttp(),
    clock: Date.now,
    monotonic: () => performance.now(),
    random: Math.random,
  });
  return [
    async () => (await fetch(url, { method: "POST", headers, body })).text(),
    async () => (await request(url, { method: "POST", headers, body, dispatcher })).body.text(),
    () =>
      call(SERVICE, {
        caller: "bench",
        method: "POST",
        path: "/answer/",
        headers,
        body,
        retryable: true,
        deadline: performance.now() + 5_000,
      }),
  ];
}
