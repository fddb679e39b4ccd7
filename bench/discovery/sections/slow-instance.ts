// One of three instances 20 times slower: the balancer against round robin, taken by turns.

import { setTimeout as sleep } from "node:timers/promises";
import { createCaller } from "../../../lib/discovery/call/caller.ts";
import { choose } from "../../../lib/discovery/instances/balancer.ts";
import type { Attempt } from "../../../lib/discovery/peer/attempt.ts";
import type { CallPeer } from "../../../lib/discovery/peer/peer.ts";
import { PeerHttp } from "../../../lib/discovery/peer/peer-http.ts";
import { quantile } from "../../../tests/support/quantiles.ts";
import type { Children } from "../children.ts";
import type { FromPeer } from "../messages.ts";
import { roundRobin } from "../round-robin.ts";
import { instanceAt, resolverOf } from "../static-list.ts";

export interface Balanced {
  readonly p50: number;
  readonly p99: number;
  readonly calls: number;
  /** Of the calls, those that the slow one got. */
  readonly slowShare: number;
}

export interface SlowInstance {
  readonly ours: Balanced;
  readonly roundRobin: Balanced;
  readonly delays: readonly number[];
  readonly perSecond: number;
}

const SERVICE = "BenchService";
const DELAYS = [5, 5, 100];
const PER_SECOND = 200;
const WARM_UP_MS = 1_000;

export async function measureSlowInstance(
  children: Children,
  turns: number,
  turnMs: number,
): Promise<SlowInstance> {
  const job = { service: SERVICE, announced: "none", nacosServer: "", delays: DELAYS };
  const peer = children.fork<FromPeer>("processes/run-peer.ts", job);
  const { ports, instance } = await peer.receive("listening");
  const loads = {
    ours: new Load(ports, instance, choose),
    roundRobin: new Load(ports, instance, roundRobin()),
  };
  for (const one of Object.values(loads)) await one.run(WARM_UP_MS, false);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const one of Object.values(loads)) await one.run(turnMs, true);
  }
  await peer.end();
  return {
    ours: loads.ours.result(),
    roundRobin: loads.roundRobin.result(),
    delays: DELAYS,
    perSecond: PER_SECOND,
  };
}

/** Calls at a steady rate, whether or not they are answered: a slow instance must not slow the load down. */
class Load {
  readonly #call: CallPeer;
  readonly #slowOrigin: string;
  readonly #taken: number[] = [];
  #toSlow = 0;
  #counting = false;

  constructor(ports: readonly number[], instance: string, balancer: typeof choose) {
    const http = new PeerHttp();
    this.#slowOrigin = `http://127.0.0.1:${ports.at(-1)}`;
    this.#call = createCaller({
      resolver: resolverOf(ports.map((port) => instanceAt(SERVICE, port, instance))),
      http: {
        send: (attempt: Attempt) => {
          if (this.#counting && attempt.origin === this.#slowOrigin) this.#toSlow += 1;
          return http.send(attempt);
        },
      },
      balancer,
      clock: Date.now,
      monotonic: () => performance.now(),
      random: Math.random,
    });
  }

  async run(ms: number, counting: boolean): Promise<void> {
    this.#counting = counting;
    const end = performance.now() + ms;
    const underWay: Promise<void>[] = [];
    let due = performance.now();
    while (performance.now() < end) {
      for (; due <= performance.now(); due += 1_000 / PER_SECOND) underWay.push(this.#one(counting));
      await sleep(1);
    }
    await Promise.all(underWay);
  }

  async #one(counting: boolean): Promise<void> {
    const began = performance.now();
    const request = {
      caller: "bench",
      method: "GET",
      path: "/answer/",
      headers: {},
      retryable: true,
    } as const;
    await this.#call(SERVICE, { ...request, deadline: performance.now() + 5_000 });
    if (counting) this.#taken.push(performance.now() - began);
  }

  result(): Balanced {
    return {
      p50: quantile(this.#taken, 0.5),
      p99: quantile(this.#taken, 0.99),
      calls: this.#taken.length,
      slowShare: this.#toSlow / this.#taken.length,
    };
  }
}
